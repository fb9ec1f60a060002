import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createSystem, eventually, hasEnded, type RunningCommand, type System } from '@lyceum/testing';
import { expectAttemptsTold } from './kit/attempts.ts';
import { createAuthors, type Authors } from './kit/authors.ts';
import { beginBurst, type Burst } from './kit/burst.ts';
import { queryClickHouse } from './kit/records.ts';
import { createTools, toolActivity, type Tools } from './kit/tools.ts';
import { untilNothingIsUnderWay } from './kit/under-way.ts';

// Every process is killed while learners work, in the midst of a burst. What was accepted must be there in the end,
// once, and count. Seen to fail: where ingest commits before it inserts, or inserts without its token; where receive
// answers before it appends; where learning keeps evidence and progress in two transactions, or commits first; where
// the relay of the outbox deletes before it appends.

let system: System;
let tools: Tools;
let authors: Authors;
let simulation: RunningCommand;

const startMs = 120_000;
const processes = ['postgres', 'clickhouse', 'subgraphs', 'gateway', 'lrs-ingest', 'lrs-receive'];
/** Between what must happen together there may be a millisecond: one kill could miss it. */
const killsOfEach = 3;

beforeAll(async () => {
  system = createSystem();
  await system.start();
  tools = createTools(system);
  authors = await createAuthors(system);
}, startMs);

afterAll(() => system.delete(), 30_000);

describe('kill -9 of a process while learners work', () => {
  let burst: Burst;

  beforeAll(async () => {
    simulation = simulate(1);
    await untilMoreIsStored();
    burst = await beginBurst(tools, authors);
  }, 60_000);

  afterAll(async () => {
    await burst.end();
    simulation.signal('SIGKILL');
  });

  test.each(processes)(
    '%s comes back, again and again, and takes no other with it',
    async (name) => {
      for (let kill = 0; kill < killsOfEach; kill += 1) {
        const before = restarts();
        await burst.untilMoreIsAccepted();
        process.kill(processOf(name).pid!, 'SIGKILL');
        await eventually(
          () => {
            expect(restarts()).toEqual({ ...before, [name]: before[name]! + 1 });
            expect(processOf(name).status).toBe('ready');
          },
          { timeoutMs: 45_000, pauseMs: 100 },
        );
        // Not only the process: people go on, in the graph and beside it, and what they do arrives.
        await burst.untilMoreIsAccepted();
        await untilMoreIsStored();
      }
    },
    120_000,
  );

  test('what was accepted is in ClickHouse, each statement once', async () => {
    await burst.end();
    await expectAllStoredAfter(simulation);
  }, 90_000);

  test('every course is known to whom it concerns', () => authors.expectEachKnown());

  test('every attempt was told, each once', () => expectAttemptsTold(system));

  test('every percentage equals a rebuild from scratch', expectProgressToEqualRebuild, 60_000);
});

describe('kill -9 of the supervisor while learners work', () => {
  test('ends everything, and a new start loses nothing', async () => {
    const second = simulate(2);
    await untilMoreIsStored();
    const burst = await beginBurst(tools, authors);
    const running = system.state().processes;
    system.supervisor().signal('SIGKILL');
    await Promise.all(running.map(({ pid }) => hasEnded(pid!)));
    await system.start();
    await burst.untilMoreIsAccepted();
    await burst.end();
    await expectAllStoredAfter(second);
  }, 180_000);

  test('every course is known to whom it concerns', () => authors.expectEachKnown());

  test('every attempt was told, each once', () => expectAttemptsTold(system));

  test('every percentage still equals a rebuild from scratch', expectProgressToEqualRebuild, 60_000);
});

/** Learners who work until they are told to stop, so many that there is progress to make all the while. */
function simulate(seed: number): RunningCommand {
  const { publicUrl } = system.state();
  const urls = { PUBLIC_URL: publicUrl, LRS_URL: system.url('lrs-receive') };
  const options = { learners: 40, rate: 40, minutes: 10, seed };
  return system.run(
    ['simulate', ...Object.entries(options).flatMap(([name, value]) => [`--${name}`, `${value}`])],
    urls,
  );
}

const processOf = (name: string) => system.state().processes.find((process) => process.name === name)!;

/** How often each process was started again. */
function restarts(): Record<string, number> {
  return Object.fromEntries(system.state().processes.map(({ name, restarts: times }) => [name, times]));
}

async function untilMoreIsStored(): Promise<void> {
  let before: number | undefined;
  await eventually(
    async () => {
      const [row] = await queryClickHouse<{ rows: number }>(
        system,
        'SELECT toUInt32(count()) AS rows FROM statements',
      );
      before ??= row!.rows;
      expect(row!.rows).toBeGreaterThan(before + 20);
    },
    { timeoutMs: 45_000, pauseMs: 100 },
  );
}

/** Of all simulations so far. */
const sent = { least: 0, most: 0 };

/**
 * Ends the simulation and compares what it says was accepted with what is stored. What it sent and heard nothing of,
 * because it was told to end, may be there or not.
 */
async function expectAllStoredAfter(running: RunningCommand): Promise<void> {
  running.signal('SIGINT');
  const exitCode = await running.ended;
  expect({ exitCode, output: running.output() }).toEqual({ exitCode: 0, output: expect.any(String) });
  // Of the summary; the progress above it says the same words, earlier.
  const summary = / ([\d,]+) sent, ([\d,]+) accepted/.exec(running.output());
  if (!summary) throw new Error(`The simulation did not sum up:\n${running.output()}`);
  const [, most = '', least = ''] = summary;
  sent.least += Number(least.replaceAll(',', ''));
  sent.most += Number(most.replaceAll(',', ''));
  await untilNothingIsUnderWay(system);
  await tools.expectEachStoredOnce();
  const [row] = await queryClickHouse<{ rows: number; statements: number; simulated: number }>(
    system,
    `SELECT toUInt32(count()) AS rows, toUInt32(uniqExact(id)) AS statements,
       toUInt32(countIf(authority LIKE '%|lrskey_%' AND activity != '${toolActivity}')) AS simulated
     FROM statements`,
  );
  expect(row!.rows).toBe(row!.statements);
  expect(row!.simulated).toBeGreaterThanOrEqual(sent.least);
  expect(row!.simulated).toBeLessThanOrEqual(sent.most);
}

async function expectProgressToEqualRebuild(): Promise<void> {
  const check = system.run(['rebuild-progress', '--check']);
  const exitCode = await check.ended;
  expect({ exitCode, output: check.output() }).toEqual({
    exitCode: 0,
    output: expect.stringContaining('equals a rebuild from scratch'),
  });
}
