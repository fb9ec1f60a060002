import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { EnvironmentError, parseEnvironment } from '@lyceum/service';
import {
  clickHouseAddress,
  clickHouseEnvironment,
  createClickHouseClient,
  ensureDatabase,
} from '../src/index.ts';
import { startClickHouse, type RunningClickHouse } from './clickhouse.ts';

let running: RunningClickHouse;

beforeAll(async () => {
  running = await startClickHouse();
}, 60_000);
afterAll(() => running.stop());

test.each([
  ['http://localhost:4123', 'http://localhost:4123/', 'lyceum'],
  ['http://localhost:4123/', 'http://localhost:4123/', 'lyceum'],
  ['https://user:pass@host/school/', 'https://user:pass@host/', 'school'],
  ['http://host:8123/the%20school', 'http://host:8123/', 'the school'],
])('%s is %s and the database %s', (url, server, database) => {
  expect(clickHouseAddress(url)).toEqual({ server, database });
});

test('the database is made where it is missing, by several at once, whatever it is called', async () => {
  const url = `${running.url}/the%20school`;
  await Promise.all(Array.from({ length: 4 }, () => ensureDatabase(url)));
  const client = createClickHouseClient({ url, application: 'test' });
  const answer = await client.query({ query: 'SELECT currentDatabase()', format: 'TabSeparated' });
  expect(await answer.text()).toBe('the school\n');
  await client.close();
});

test('settings hold for every query, and a request ends after timeoutMs', async () => {
  const slow = 'SELECT sleepEachRow(0.1) FROM numbers(30) SETTINGS max_block_size = 1 FORMAT Null';
  const of = (more: object) =>
    createClickHouseClient({ url: `${running.url}/default`, application: 'test', ...more });
  const [limited, hasty] = [of({ settings: { max_execution_time: 1 } }), of({ timeoutMs: 200 })];
  await expect(limited.command({ query: slow })).rejects.toMatchObject({ type: 'TIMEOUT_EXCEEDED' });
  await expect(hasty.command({ query: slow })).rejects.toThrow('Timeout');
  await Promise.all([limited.close(), hasty.close()]);
});

test('a ClickHouse that does not answer is named, with how long it was tried, and no password', async () => {
  const url = 'http://lyceum:secret@127.0.0.1:1/lyceum';
  await expect(ensureDatabase(url, { timeoutMs: 1_000 })).rejects.toThrow(
    /^ClickHouse at http:\/\/lyceum:\*\*\*@127\.0\.0\.1:1\/lyceum does not answer \(tried for 1 s; .*CLICKHOUSE_URL\.$/,
  );
});

test('CLICKHOUSE_URL is HTTP, here unless told', () => {
  expect(parseEnvironment(clickHouseEnvironment, {})).toEqual({ CLICKHOUSE_URL: 'http://localhost:4123' });
  const native = { CLICKHOUSE_URL: 'tcp://localhost:9000' };
  expect(() => parseEnvironment(clickHouseEnvironment, native)).toThrow(EnvironmentError);
});
