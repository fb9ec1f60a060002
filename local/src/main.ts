import { EngineError } from '@lyceum/engines';
import { EnvironmentError } from '@lyceum/service';
import { parseLocalEnvironment, startedAt } from './env.ts';
import { runSystem } from './run-system.ts';
import { StartFault } from './start-fault.ts';
import { StartError } from './supervise/managed-process.ts';
import { createTerminal } from './terminal/terminal.ts';

/** sysexits.h EX_CONFIG */
const misconfigured = 78;

const colours = process.stdout.isTTY && !process.env['NO_COLOR'];
const terminal = createTerminal(process.stdout, { colours });

try {
  process.exitCode = await runSystem({
    env: parseLocalEnvironment(),
    source: process.env,
    terminal,
    startedAt: startedAt(),
  });
} catch (error) {
  process.stderr.write(`${explain(error)}\n`);
  process.exitCode = error instanceof EnvironmentError ? misconfigured : 1;
}

/** An expected fault in its own words; anything else with its stack, for it is a bug. */
function explain(error: unknown): string {
  const expected = [EnvironmentError, StartFault, StartError, EngineError].some(
    (kind) => error instanceof kind,
  );
  if (!(error instanceof Error)) return String(error);
  return expected ? error.message : (error.stack ?? error.message);
}
