import { checkAll, type Checked } from './check/check-all.ts';
import { killAtRandom } from './kill-at-random.ts';
import { createLedger } from './load/ledger.ts';
import { beginLoad } from './load/load.ts';
import { createSend } from './load/xapi.ts';
import type { ChaosOptions } from './options.ts';
import { createRandom } from './random.ts';
import { startLrsSystem, type LrsSystem } from './system/lrs-system.ts';

export interface ChaosReport extends Checked {
  /** How often each process was killed. */
  readonly killed: Readonly<Record<string, number>>;
  readonly accepted: number;
  readonly refused: number;
  readonly unanswered: number;
  /** See Watch. */
  readonly witnessed: number;
  readonly readAtOnce: number;
}

/**
 * Starts an LRS, loads it, kills its processes at random moments, and holds what it promised against what is there. Where
 * that differs, its data and logs stay where they are, and it says where.
 */
export async function runChaos(o: ChaosOptions, say: (line: string) => void): Promise<ChaosReport> {
  const system = await startLrsSystem({
    kafka: o.kafka,
    onEvent: (line) => {
      say(`  ${line}`);
    },
  });
  const stop = stopOnce(system);
  const onSignal = () => void stop().finally(() => process.exit(130));
  process.once('SIGINT', onSignal);
  process.once('SIGTERM', onSignal);
  let isWell = false;
  try {
    const report = await shake(system, o, say);
    isWell = report.faults.length === 0;
    return report;
  } finally {
    await stop();
    if (isWell) system.delete();
    else say(`what is left is in ${system.directory}`);
    process.off('SIGINT', onSignal);
    process.off('SIGTERM', onSignal);
  }
}

async function shake(
  system: LrsSystem,
  { seed, kills, pauseSeconds, only }: ChaosOptions,
  say: (line: string) => void,
): Promise<ChaosReport> {
  const random = createRandom(seed);
  const ledger = createLedger((text) => {
    say(`FAULT ${text}`);
  });
  const send = createSend(system);
  const load = beginLoad({ send, ledger, random: random.fork() });
  const killed = await killAtRandom({ system, ledger, random, kills, pauseSeconds, only, onKill: say });
  say('all is quiet: what was under way is ended');
  await load.end();
  say(`checking ${ledger.accepted.length} statements`);
  const checked = await checkAll({ ...system, send, ledger, random });
  const { witnessed, readAtOnce } = load.watch;
  const count = (fate: string) => [...ledger.statements.values()].filter((each) => each.fate === fate).length;
  return {
    ...checked,
    faults: [...ledger.faults, ...checked.faults],
    killed,
    accepted: count('ACCEPTED'),
    refused: count('REFUSED'),
    unanswered: count('UNKNOWN'),
    witnessed,
    readAtOnce,
  };
}

function stopOnce(system: LrsSystem): () => Promise<unknown> {
  let stopped: Promise<unknown> | undefined;
  return () => (stopped ??= system.stop());
}
