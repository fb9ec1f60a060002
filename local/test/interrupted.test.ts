import { existsSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { freePort, identifyProcess } from '@lyceum/engines';
import type { RunState } from '../src/data/run-state.ts';
import { dataDirectory, start, type StartedCommand } from './start-process.ts';

const patientMs = 150_000;
let directory: string;
let port: number;
const begun: StartedCommand[] = [];

beforeAll(async () => {
  // What has to be built is built once, so that each start below takes a moment.
  await start({ LYCEUM_DATA_DIR: await dataDirectory(), GATEWAY_PORT: 'none' }).ended;
}, patientMs);

beforeEach(async () => {
  directory = await dataDirectory();
  port = await freePort('127.0.0.1');
});

afterEach(async () => {
  for (const { child } of begun.splice(0)) child.kill('SIGKILL');
  const postgres = postmaster();
  const isOurs = (await identifyProcess(postgres))?.command.includes(directory) === true;
  if (isOurs) process.kill(postgres, 'SIGKILL');
  rmSync(dirname(directory), { recursive: true, force: true });
});

/** Every start wants the same port, as a user's do: what an earlier one has left there is in its way. */
function begin(): StartedCommand {
  const started = start({ LYCEUM_DATA_DIR: directory, POSTGRES_PORT: `${port}` });
  begun.push(started);
  return started;
}

const draft = () => join(directory, 'postgres', 'data.initialising');
const pidFile = () => join(directory, 'postgres', 'data', 'postmaster.pid');

/** The pid of the PostgreSQL of this directory; 0 where none has started, or all have ended as they should. */
const postmaster = () => (existsSync(pidFile()) ? Number(readFileSync(pidFile(), 'utf8').split('\n')[0]) : 0);

/** Ctrl-C; answers the exit code, when nothing of the system runs. */
async function interrupt({ child, ended }: StartedCommand): Promise<number | string> {
  child.kill('SIGINT');
  return ended;
}

async function startAndStop(): Promise<void> {
  const later = begin();
  await later.until(/^ {2}postgres /m);
  expect(await interrupt(later)).toBe(0);
}

describe('a first start that is interrupted', () => {
  const moments: [string, (started: StartedCommand) => Promise<void>][] = [
    ['PostgreSQL makes its files', () => appears(draft())],
    ['PostgreSQL starts', () => appears(pidFile())],
    ['the services start', (started) => started.until(/^ {2}clickhouse /m)],
    ['the demo data is loaded', (started) => started.until(/^ {2}subgraphs /m)],
  ];

  test.each(moments)(
    'while %s leaves nothing running, and nothing in the way of the next',
    async (_moment, reached) => {
      const first = begin();
      await reached(first);
      expect(await interrupt(first)).toBe(0);
      expect(postmaster()).toBe(0);
      expect(existsSync(draft())).toBe(false);
      await startAndStop();
    },
    patientMs,
  );
});

test(
  'a PostgreSQL that outlived everything else is no obstacle to a start on its port',
  async () => {
    const first = begin();
    await first.until(/^ {2}postgres /m);
    const postgres = postmaster();
    const { processes } = JSON.parse(readFileSync(join(directory, 'run.json'), 'utf8')) as RunState;
    first.child.kill('SIGKILL');
    for (const { pid } of processes) process.kill(pid!, 'SIGKILL');
    await first.ended;
    expect(await identifyProcess(postgres)).toBeDefined();
    await startAndStop();
    expect(await identifyProcess(postgres)).toBeUndefined();
  },
  patientMs,
);

async function appears(path: string): Promise<void> {
  while (!existsSync(path)) await delay(5);
}
