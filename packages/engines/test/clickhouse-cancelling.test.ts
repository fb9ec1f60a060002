import { execFile } from 'node:child_process';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { startClickHouse, temporaryDirectory, type ClickHouseProcess } from './support/clickhouse-process.ts';
import { eventually } from './support/eventually.ts';

const run = promisify(execFile);
const ENDLESS = 'SELECT sum(sipHash64(number)) FROM numbers(100000000000)';

let directory: Awaited<ReturnType<typeof temporaryDirectory>>;
let server: ClickHouseProcess;

beforeEach(async () => {
  directory = await temporaryDirectory();
  server = await startClickHouse(directory.path);
});

afterEach(async () => {
  await server.kill();
  await directory.remove();
});

async function ask(query: string, parameters: Record<string, string> = {}): Promise<string> {
  const url = `${server.url}/?${new URLSearchParams(parameters).toString()}`;
  return (await fetch(url, { method: 'POST', body: query })).text();
}

async function isRunning(words: string): Promise<boolean> {
  const query = `SELECT count() FROM system.processes WHERE query LIKE '%${words}%' AND query NOT LIKE '%processes%'`;
  return (await ask(query)) !== '0\n';
}

/** Asks for what never ends, and goes after so many milliseconds. */
async function goAfter(milliseconds: number, parameters: Record<string, string>): Promise<void> {
  const client = new AbortController();
  const url = `${server.url}/?${new URLSearchParams(parameters).toString()}`;
  const pending = fetch(url, { method: 'POST', body: ENDLESS, signal: client.signal }).catch(() => 'gone');
  await delay(milliseconds);
  client.abort();
  await pending;
}

// A query takes some milliseconds to be registered, and then some to open the pipe of its result.
test.each<Record<string, string>>([{}, { wait_end_of_query: '1' }])(
  'a client that goes at whatever moment leaves no query running and no place taken: %j',
  async (parameters) => {
    await ask('SELECT 1');
    for (let moment = 0; moment < 30; moment += 1) {
      await goAfter(moment / 3, parameters);
      await eventually(async () => !(await isRunning('100000000000')));
    }
    const places = Array.from({ length: 8 }, (_, n) => ask(`SELECT ${n}, sleep(0.1)`));
    expect(await Promise.all(places)).toHaveLength(8);
    expect(await server.stop()).toBe(0);
  },
  60_000,
);

test('stop kills a query that its client still waits for', async () => {
  const pending = ask(ENDLESS).catch(() => 'cut off');
  await eventually(() => isRunning('100000000000'));
  expect(await server.stop()).toBe(0);
  expect(await pending).toBe('cut off');
});

test('stop ends within its time beside a statement that heeds no KILL', async () => {
  const silent = path.join(directory.path, 'silent');
  await run('mkfifo', [silent]);
  const pending = ask(`SELECT * FROM file('${silent}', 'TSV', 'a String')`).catch(() => 'cut off');
  await eventually(() => isRunning('silent'));
  const begun = Date.now();
  // By a signal: there is no exit code.
  expect(await server.stop()).toBeNull();
  expect(Date.now() - begun).toBeLessThan(12_000);
  expect(await pending).toBe('cut off');
  server = await startClickHouse(directory.path);
  expect(await ask('SELECT 1')).toBe('1\n');
});
