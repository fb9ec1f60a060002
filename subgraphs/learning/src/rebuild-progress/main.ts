import { parseArgs } from 'node:util';
import { untilClickHouseAnswers } from '@lyceum/clickhouse';
import { openDatabase } from '@lyceum/postgres';
import { EnvironmentError, workspaceFile } from '@lyceum/service';
import { createLearningEvents } from '../events/learning-events.ts';
import { PrismaClient } from '../store/generated/client.ts';
import { createStore } from '../store/store.ts';
import { readRebuildEnv } from './env.ts';
import { rebuild } from './rebuild.ts';
import { createToldEvidence } from './told-evidence.ts';

const usage = `Usage: rebuild-progress [--check] [--settle SECONDS]

Compares everybody's progress with what all statements in the Learning Record Store together say, names each
difference, and repairs it.

  --check           only compare; exit 1 where there is a difference
  --settle SECONDS  how long a difference must stay to be one (10), since statements are on their way
`;

/** sysexits.h EX_USAGE and EX_CONFIG. */
const [exitUsage, exitMisconfigured] = [64, 78];

process.exitCode = await run(process.argv.slice(2)).catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  return error instanceof EnvironmentError ? exitMisconfigured : 1;
});

async function run(args: string[]): Promise<number> {
  const options = readOptions(args);
  if (!options) {
    process.stderr.write(usage);
    return exitUsage;
  }
  const { check, settleMs } = options;
  const env = readRebuildEnv();
  const told = createToldEvidence({ url: env.CLICKHOUSE_URL, publicUrl: env.PUBLIC_URL });
  await untilClickHouseAnswers(env.CLICKHOUSE_URL, () => told.check());
  const database = await openDatabase({
    serverUrl: env.DATABASE_URL,
    service: 'learning',
    migrations: workspaceFile('subgraphs/learning', 'prisma/migrations'),
  });
  try {
    const store = createStore(new PrismaClient({ adapter: database.adapter }));
    const events = createLearningEvents({ publicUrl: env.PUBLIC_URL });
    const onDifference = ({ text }: { text: string }) => process.stdout.write(`${text}\n`);
    const result = await rebuild({ store, told, events, check, settleMs, onDifference });
    process.stdout.write(summary(result, check));
    return check && result.differences > 0 ? 1 : 0;
  } finally {
    await told.close();
    await database.close();
  }
}

function readOptions(args: string[]): { check: boolean; settleMs: number } | undefined {
  const options = {
    check: { type: 'boolean', default: false },
    settle: { type: 'string', default: '10' },
  } as const;
  try {
    const { values } = parseArgs({ args, options });
    const seconds = Number(values.settle);
    return seconds >= 0 ? { check: values.check, settleMs: seconds * 1_000 } : undefined;
  } catch {
    return undefined;
  }
}

function summary(
  { learners, differences }: { learners: number; differences: number },
  check: boolean,
): string {
  if (differences === 0) return `The progress of ${learners} learners equals a rebuild from scratch.\n`;
  return `${differences} differences among ${learners} learners${check ? '' : ', repaired'}.\n`;
}
