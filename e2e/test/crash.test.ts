import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createSystem, eventually, hasEnded, type RunningCommand, type System } from '@lyceum/testing';
import { untilNothingIsUnderWay } from './kit/under-way.ts';
import { queryClickHouse } from './kit/records.ts';

// Every process is killed while learners work. What was accepted must be there in the end, once, and count.

let system: System;
let simulation: RunningCommand;
/** Of all simulations so far. */
let accepted = 0;

const startMs = 120_000;

beforeAll(async () => {
  system = createSystem();
  await system.start();
}, startMs);

afterAll(() => system.delete(), 30_000);

describe('kill -9 of a process while learners work', () => {
  beforeAll(async () => {
    simulation = simulate(1);
    await untilMoreIsStored();
  }, 60_000);

  afterAll(() => {
    simulation.signal('SIGKILL');
  });

  test.each(['postgres', 'clickhouse', 'subgraphs', 'gateway', 'lrs-ingest', 'lrs-receive'])(
    '%s comes back',
    async (name) => {
      const before = await stored();
      const { pid, restarts } = processOf(name);
      process.kill(pid!, 'SIGKILL');
      await eventually(
        async () => {
          expect(processOf(name)).toMatchObject({ restarts: restarts + 1, status: 'ready' });
          // Not only the process: learners go on, and what they do arrives.
          expect(await stored()).toBeGreaterThan(before);
        },
        { timeoutMs: 45_000, pauseMs: 100 },
      );
    },
    60_000,
  );

  test('what was accepted is in ClickHouse, each statement once', async () => {
    await expectAllStoredAfter(simulation);
  }, 90_000);

  test('every percentage equals a rebuild from scratch', expectProgressToEqualRebuild, 60_000);
});

describe('kill -9 of the supervisor while learners work', () => {
  test('ends everything, and a new start loses nothing', async () => {
    const second = simulate(2);
    await untilMoreIsStored();
    const processes = system.state().processes;
    system.supervisor().signal('SIGKILL');
    await Promise.all(processes.map(({ pid }) => hasEnded(pid!)));
    await system.start();
    await expectAllStoredAfter(second);
  }, 180_000);

  test('every percentage still equals a rebuild from scratch', expectProgressToEqualRebuild, 60_000);
});

/** A dozen learners who work until they are told to stop; the same seed, the same work. */
function simulate(seed: number): RunningCommand {
  const { publicUrl } = system.state();
  const urls = { PUBLIC_URL: publicUrl, LRS_URL: system.url('lrs-receive') };
  const options = { learners: 12, rate: 20, minutes: 10, seed };
  return system.run(
    ['simulate', ...Object.entries(options).flatMap(([name, value]) => [`--${name}`, `${value}`])],
    urls,
  );
}

const processOf = (name: string) => system.state().processes.find((process) => process.name === name)!;

async function stored(): Promise<number> {
  const [row] = await queryClickHouse<{ rows: number }>(
    system,
    'SELECT toUInt32(count()) AS rows FROM statements',
  );
  return row!.rows;
}

async function untilMoreIsStored(): Promise<void> {
  const before = await stored();
  await eventually(
    async () => {
      expect(await stored()).toBeGreaterThan(before + 20);
    },
    { timeoutMs: 45_000, pauseMs: 100 },
  );
}

/** Ends the simulation and compares what it says was accepted with the rows that its key has written. */
async function expectAllStoredAfter(running: RunningCommand): Promise<void> {
  running.signal('SIGINT');
  expect({ exitCode: await running.ended, output: running.output() }).toMatchObject({ exitCode: 0 });
  // Of the summary; the progress above it says the same words, earlier.
  accepted += Number(/ sent, ([\d,]+) accepted/.exec(running.output())![1]!.replaceAll(',', ''));
  await untilNothingIsUnderWay(system);
  const [row] = await queryClickHouse(
    system,
    `SELECT toUInt32(count()) AS rows, toUInt32(uniqExact(id)) AS statements, toUInt32(countIf(authority LIKE '%|lrskey_%')) AS sent
     FROM statements`,
  );
  const all = (row as { rows: number }).rows;
  expect(row).toEqual({ rows: all, statements: all, sent: accepted });
}

async function expectProgressToEqualRebuild(): Promise<void> {
  const check = system.run(['rebuild-progress', '--check']);
  const exitCode = await check.ended;
  expect({ exitCode, output: check.output() }).toEqual({
    exitCode: 0,
    output: expect.stringContaining('equals a rebuild from scratch'),
  });
}
