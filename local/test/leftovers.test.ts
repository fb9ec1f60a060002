import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { afterEach, describe, expect, test } from '@jest/globals';
import { identifyProcess } from '@lyceum/engines';
import { awaitLeftovers } from '../src/checks/leftovers.ts';
import type { RunState } from '../src/data/run-state.ts';

let left: ChildProcess;

afterEach(() => {
  left.kill('SIGKILL');
});

/** A process with a command line like one of ours, and what a supervisor noted of it. */
async function leftover(code: string): Promise<RunState> {
  left = spawn(process.execPath, ['-e', code, '/lyceum/local/dist/host/main.js'], { detached: true });
  await once(left, 'spawn');
  const { startedAt } = (await identifyProcess(left.pid!))!;
  return stateWith(startedAt);
}

function stateWith(startedAt: string | undefined): RunState {
  const process = {
    name: 'host',
    pid: left.pid,
    startedAt,
    status: 'ready',
    since: undefined,
    restarts: 0,
  } as const;
  return {
    pid: 1,
    since: '',
    engines: { PostgreSQL: '', ClickHouse: '', 'event log': '' },
    publicUrl: '',
    ports: {},
    services: [],
    processes: [process],
  };
}

const forEver = 'setInterval(() => undefined, 1_000)';
const patienceMs = 300;

describe('a process that an earlier supervisor left', () => {
  test('is waited for', async () => {
    const state = await leftover('setTimeout(() => undefined, 300)');
    const ended = once(left, 'exit');
    await awaitLeftovers(state);
    expect(await ended).toEqual([0, null]);
  });

  test('is ended when it does not stop', async () => {
    const state = await leftover(forEver);
    const ended = once(left, 'exit');
    await awaitLeftovers(state, patienceMs);
    expect(await ended).toEqual([null, 'SIGKILL']);
  });
});

test.each(['another boot:1', undefined])(
  'a process that has the pid of one of ours, but did not start with it, is left alone (%s)',
  async (startedAt) => {
    await leftover(forEver);
    await awaitLeftovers(stateWith(startedAt), patienceMs);
    expect([left.exitCode, left.signalCode, left.killed]).toEqual([null, null, false]);
    expect(await identifyProcess(left.pid!)).toBeDefined();
  },
);
