import { Readable } from 'node:stream';
import {
  createClient,
  ClickHouseError,
  ClickHouseLogLevel,
  TupleParam,
  type ClickHouseClient,
} from '@clickhouse/client';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { startClickHouse, temporaryDirectory, type ClickHouseProcess } from './support/clickhouse-process.ts';

// The ordinary client of the field, all its methods: it must not notice what answers.

let directory: Awaited<ReturnType<typeof temporaryDirectory>>;
let server: ClickHouseProcess;
let client: ClickHouseClient;

beforeAll(async () => {
  directory = await temporaryDirectory();
  server = await startClickHouse(directory.path, {
    CLICKHOUSE_USER: 'lyceum',
    CLICKHOUSE_PASSWORD: 'sécret:1',
  });
  client = connect();
  await client.command({
    query:
      'CREATE TABLE events (id UInt64, at DateTime64(3), name String, tags Array(String)) ENGINE = MergeTree ORDER BY id',
  });
});

afterAll(async () => {
  await client.close();
  await server.stop();
  await directory.remove();
});

function connect(options: Parameters<typeof createClient>[0] = {}): ClickHouseClient {
  return createClient({
    url: server.url,
    username: 'lyceum',
    password: 'sécret:1',
    log: { level: ClickHouseLogLevel.OFF },
    ...options,
  });
}

describe('access', () => {
  test('a wrong password is AUTHENTICATION_FAILED', async () => {
    const stranger = connect({ password: 'guess' });
    await expect(stranger.query({ query: 'SELECT 1' })).rejects.toMatchObject({
      type: 'AUTHENTICATION_FAILED',
      code: '516',
    });
    await stranger.close();
  });

  test('a password is asked of a web page too, and with it any origin is served', async () => {
    const authorization = `Basic ${Buffer.from('lyceum:sécret:1').toString('base64')}`;
    const page = { Origin: 'https://elsewhere.example' };
    expect((await fetch(`${server.url}/?query=SELECT+1`, { headers: page })).status).toBe(403);
    const known = await fetch(`${server.url}/?query=SELECT+1`, { headers: { ...page, authorization } });
    expect(known.status).toBe(200);
  });
});

test('ping answers, with and without a query', async () => {
  expect(await client.ping()).toEqual({ success: true });
  expect(await client.ping({ select: true })).toEqual({ success: true });
});

describe('query', () => {
  test('gives JSON with its metadata', async () => {
    const result = await client.query({ query: 'SELECT number FROM numbers(3)', format: 'JSON' });
    expect(result.query_id).toMatch(/^[0-9a-f-]{36}$/);
    expect(await result.json()).toMatchObject({
      rows: 3,
      data: [{ number: 0 }, { number: 1 }, { number: 2 }],
    });
  });

  test.each([
    'JSONEachRow',
    'JSONCompactEachRow',
    'JSONCompact',
    'JSONColumnsWithMetadata',
    'CSV',
    'TabSeparatedWithNames',
  ] as const)('gives %s as text', async (format) => {
    const result = await client.query({ query: "SELECT 1 AS a, 'x' AS b", format });
    expect((await result.text()).length).toBeGreaterThan(3);
  });

  test('streams rows of a large result', async () => {
    const result = await client.query({ query: 'SELECT number FROM numbers(300000)', format: 'JSONEachRow' });
    let rows = 0;
    let sum = 0;
    for await (const chunk of result.stream<{ number: string | number }>()) {
      for (const row of chunk) {
        rows += 1;
        sum += Number(row.json().number);
      }
    }
    expect([rows, sum]).toEqual([300_000, (299_999 * 300_000) / 2]);
  });

  test('reports an exception that comes in the midst of a stream', async () => {
    const result = await client.query({
      query: 'SELECT number, throwIf(number = 2000000) FROM numbers(3000000)',
      format: 'JSONEachRow',
      clickhouse_settings: { max_block_size: '10000' },
    });
    const reading = async (): Promise<number> => {
      let rows = 0;
      for await (const chunk of result.stream()) rows += chunk.length;
      return rows;
    };
    await expect(reading()).rejects.toMatchObject({ type: 'FUNCTION_THROW_IF_VALUE_IS_NON_ZERO' });
  });

  test('binds parameters of every kind', async () => {
    const at = new Date('2026-11-21T04:05:06.789Z');
    const result = await client.query({
      query: `SELECT {text:String} AS text, {list:Array(String)} AS list, {numbers:Array(Nullable(Int32))} AS numbers,
        {nothing:Nullable(String)} AS nothing, {flag:Bool} AS flag, {at:DateTime64(3)} AS at, {big:UInt64} AS big,
        {pair:Tuple(String, UInt8)} AS pair, {map:Map(String, UInt8)} AS map`,
      query_params: {
        text: `it's\ta "tab" \\ and\na line 'ü'`,
        list: ["it's", 'b\\c', ''],
        numbers: [1, null, -3],
        nothing: null,
        flag: true,
        at,
        big: 12345678901234567890n,
        pair: new TupleParam(['p', 1]),
        map: new Map([['k', 2]]),
      },
      format: 'JSONEachRow',
      clickhouse_settings: { output_format_json_quote_64bit_integers: 1 },
    });
    expect(await result.json()).toEqual([
      {
        text: `it's\ta "tab" \\ and\na line 'ü'`,
        list: ["it's", 'b\\c', ''],
        numbers: [1, null, -3],
        nothing: null,
        flag: true,
        at: '2026-11-21 04:05:06.789',
        big: '12345678901234567890',
        pair: ['p', 1],
        map: { k: 2 },
      },
    ]);
  });

  test('binds long parameters through a form', async () => {
    const ids = Array.from({ length: 5000 }, (_, n) => `id-${n}`);
    const result = await client.query({
      query: 'SELECT length({ids:Array(String)}) AS n',
      query_params: { ids },
      use_multipart_params_auto: true,
      format: 'JSONEachRow',
    });
    expect(await result.json()).toEqual([{ n: 5000 }]);
  });

  test('reports errors as ClickHouseError with code and type', async () => {
    const failing = client.query({ query: 'SELECT * FROM absent' });
    await expect(failing).rejects.toBeInstanceOf(ClickHouseError);
    await expect(client.query({ query: 'SELECT * FROM absent' })).rejects.toMatchObject({
      code: '60',
      type: 'UNKNOWN_TABLE',
    });
  });

  test('can be aborted', async () => {
    const controller = new AbortController();
    const pending = client.query({ query: 'SELECT sleep(3)', abort_signal: controller.signal });
    controller.abort();
    await expect(pending).rejects.toThrow(/abort/i);
  });

  test('reads compressed answers and writes compressed rows', async () => {
    const packing = connect({ compression: { request: true, response: true } });
    await packing.command({ query: 'CREATE TABLE packed (id UInt64) ENGINE = MergeTree ORDER BY id' });
    await packing.insert({ table: 'packed', values: [{ id: 1 }, { id: 2 }], format: 'JSONEachRow' });
    const result = await packing.query({ query: 'SELECT sum(id) AS sum FROM packed', format: 'JSONEachRow' });
    expect(await result.json()).toEqual([{ sum: 3 }]);
    await packing.close();
  });
});

describe('insert', () => {
  const count = async (name: string): Promise<number> => {
    const result = await client.query({
      query: 'SELECT count() AS n FROM events WHERE name = {name:String}',
      query_params: { name },
      format: 'JSONEachRow',
    });
    return (await result.json<{ n: number }>())[0]!.n;
  };

  test('takes objects and tells how many rows were written', async () => {
    const { executed, summary } = await client.insert({
      table: 'events',
      values: [{ id: 1, at: '2026-01-01 00:00:00.000', name: 'objects', tags: ['a'] }],
      format: 'JSONEachRow',
    });
    expect([executed, summary?.written_rows]).toEqual([true, '1']);
    expect(await count('objects')).toBe(1);
  });

  test('takes a stream of objects', async () => {
    const rows = Array.from({ length: 5000 }, (_, id) => ({ id, at: 0, name: 'stream', tags: [] }));
    await client.insert({
      table: 'events',
      values: Readable.from(rows, { objectMode: true }),
      format: 'JSONEachRow',
    });
    expect(await count('stream')).toBe(5000);
  });

  test('takes a stream of bytes', async () => {
    const lines = Array.from({ length: 5000 }, (_, id) => `${id},2026-01-01 00:00:00,raw,[]\n`);
    await client.insert({
      table: 'events',
      columns: ['id', 'at', 'name', 'tags'],
      values: Readable.from(lines, { objectMode: false }),
      format: 'CSV',
    });
    expect(await count('raw')).toBe(5000);
  });

  test('does nothing with an empty array', async () => {
    const { executed } = await client.insert({ table: 'events', values: [], format: 'JSONEachRow' });
    expect(executed).toBe(false);
  });

  test('with async_insert and wait is there when it answers', async () => {
    await client.insert({
      table: 'events',
      values: [{ id: 1, at: 0, name: 'async', tags: [] }],
      format: 'JSONEachRow',
      clickhouse_settings: { async_insert: 1, wait_for_async_insert: 1 },
    });
    expect(await count('async')).toBe(1);
  });
});

test('command and exec run statements; exec gives the stream', async () => {
  const { query_id } = await client.command({ query: 'CREATE TABLE commanded (a Int8) ENGINE = Memory' });
  expect(query_id).toMatch(/./);
  const { stream } = await client.exec({ query: 'SELECT 42 FORMAT TSV' });
  const chunks = await stream.toArray();
  expect(Buffer.concat(chunks as Buffer[]).toString()).toBe('42\n');
  await client.exec({ query: 'INSERT INTO commanded FORMAT TSV', values: Readable.from(['1\n2\n']) });
  const result = await client.query({ query: 'SELECT sum(a) AS sum FROM commanded', format: 'JSONEachRow' });
  expect(await result.json()).toEqual([{ sum: 3 }]);
});

test('a session keeps its temporary table between calls', async () => {
  const session = connect({ session_id: 'client-session', max_open_connections: 1 });
  await session.command({ query: 'CREATE TEMPORARY TABLE kept (a Int8)' });
  await session.insert({ table: 'kept', values: [{ a: 7 }], format: 'JSONEachRow' });
  const result = await session.query({ query: 'SELECT a FROM kept', format: 'JSONEachRow' });
  expect(await result.json()).toEqual([{ a: 7 }]);
  await session.close();
});

test('many clients at once each get their own answers', async () => {
  const answers = await Promise.all(
    Array.from({ length: 100 }, async (_, n) => {
      const result = await client.query({
        query: 'SELECT {n:UInt32} AS n, count() AS c FROM numbers({n:UInt32})',
        query_params: { n },
        format: 'JSONEachRow',
      });
      return result.json<{ n: number; c: number }>();
    }),
  );
  expect(answers.flat()).toEqual(Array.from({ length: 100 }, (_, n) => ({ n, c: n })));
});
