import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { identifyProcess } from '@lyceum/engines';
import { eventually } from '../src/eventually.ts';

// What a run of the tests leaves behind when it ends: nothing.

interface Run {
  process: ChildProcess;
  directory: string;
  /** A child of the run that does not end by itself. */
  child: number;
  /** The process that hosts its PostgreSQL. */
  host?: number;
}

async function startRun(...args: string[]): Promise<Run> {
  const { LYCEUM_TEST_DIRECTORY: _outer, NODE_OPTIONS: _options, ...env } = process.env;
  const run = fork(join(import.meta.dirname, 'support/run.mjs'), args, { env, execArgv: [] });
  const [started] = (await once(run, 'message')) as [Omit<Run, 'process'>];
  return { ...started, process: run };
}

async function isAlive(pid: number): Promise<boolean> {
  return (await identifyProcess(pid)) !== undefined;
}

async function expectGone(directory: string, pids: readonly number[]): Promise<void> {
  await eventually(
    async () => {
      expect(await Promise.all(pids.map(isAlive))).toEqual(pids.map(() => false));
      expect(existsSync(directory)).toBe(false);
    },
    { timeoutMs: 20_000 },
  );
}

describe('of a run of the tests nothing stays behind', () => {
  test.each([
    ['that exits', (run: Run) => run.process.send('exit')],
    ['that is interrupted', (run: Run) => run.process.kill('SIGINT')],
    ['that is killed', (run: Run) => run.process.kill('SIGKILL')],
  ])('%s', async (_, end) => {
    const run = await startRun();
    expect(await isAlive(run.child)).toBe(true);
    end(run);
    await expectGone(run.directory, [run.child]);
  });
});

describe('the PostgreSQL of a run', () => {
  test.each(['SIGTERM', 'SIGINT'] as const)('stops when its host is told to by %s', async (signal) => {
    const run = await startRun('postgres');
    const postmaster = postmasterOf(run.directory);
    process.kill(run.host!, signal);
    await eventually(async () => {
      expect(await isAlive(postmaster)).toBe(false);
      expect(postgresFolders(run.directory)).toEqual([]);
    });
    run.process.kill('SIGKILL');
    await expectGone(run.directory, [run.child]);
  });

  test('ends with the run where its host was killed', async () => {
    const run = await startRun('postgres');
    const postmaster = postmasterOf(run.directory);
    process.kill(run.host!, 'SIGKILL');
    await eventually(async () => {
      expect(await isAlive(run.host!)).toBe(false);
    });
    expect(await isAlive(postmaster)).toBe(true);
    run.process.send('exit');
    await expectGone(run.directory, [run.child, postmaster]);
  });

  test('ends with a run that is killed', async () => {
    const run = await startRun('postgres');
    const postmaster = postmasterOf(run.directory);
    run.process.kill('SIGKILL');
    await expectGone(run.directory, [run.child, run.host!, postmaster]);
  });
});

function postgresFolders(directory: string): string[] {
  return readdirSync(directory).filter((name) => name.startsWith('lyceum-test-postgres-'));
}

function postmasterOf(directory: string): number {
  const [folder = ''] = postgresFolders(directory);
  return Number(readFileSync(join(directory, folder, 'data/postmaster.pid'), 'utf8').split('\n')[0]);
}
