import zlib from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { startClickHouse, temporaryDirectory, type ClickHouseProcess } from './support/clickhouse-process.ts';

// The setting max_query_size, as a server takes it: 262,144 bytes unless the request says otherwise.

let directory: Awaited<ReturnType<typeof temporaryDirectory>>;
let server: ClickHouseProcess;

beforeAll(async () => {
  directory = await temporaryDirectory();
  server = await startClickHouse(directory.path);
  await answer('CREATE TABLE rows (id UInt64, name String) ENGINE = MergeTree ORDER BY id');
});

afterAll(async () => {
  await server.stop();
  await directory.remove();
});

async function ask(
  body: string | Uint8Array | FormData,
  parameters: Record<string, string> = {},
  headers = {},
) {
  const url = `${server.url}/?${new URLSearchParams(parameters).toString()}`;
  const response = await fetch(url, { method: 'POST', body, headers });
  return { status: response.status, text: await response.text() };
}

async function answer(body: string, parameters: Record<string, string> = {}): Promise<string> {
  const { status, text } = await ask(body, parameters);
  if (status !== 200) throw new Error(text);
  return text;
}

/** A statement of so many bytes, which answers how long its literal is. */
function statementOf(bytes: number): string {
  return `SELECT length('${'x'.repeat(bytes - "SELECT length('')".length)}')`;
}

const refused = {
  status: 400,
  text: expect.stringMatching(/^Code: 62\. .*Max query size exceeded.*\(SYNTAX_ERROR\)/s),
};

describe('unless told otherwise', () => {
  test('a statement may have 262,144 bytes, and not one more', async () => {
    expect(await answer(statementOf(262_144))).toBe('262127\n');
    expect(await ask(statementOf(262_145))).toEqual(refused);
    expect(await ask('', { query: statementOf(262_145) })).toEqual(refused);
  });

  test('the rows of an insert do not count, wherever they are', async () => {
    const rows = "(1, 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa'),".repeat(20_000);
    await answer(`INSERT INTO rows VALUES ${rows}(2, 'b')`);
    await answer(rows, { query: 'INSERT INTO rows VALUES' });
    expect(await answer('SELECT count() FROM rows')).toBe('40001\n');
  });

  test('what stands before the rows counts', async () => {
    const columns = `id${', name'.repeat(60_000)}`;
    expect(await ask(`INSERT INTO rows (${columns}) VALUES (1, 'a')`)).toEqual(refused);
    expect(await ask("(1, 'a')", { query: `INSERT INTO rows (${columns}) VALUES` })).toEqual(refused);
  });

  test('parameters do not count', async () => {
    const form = new FormData();
    form.set('query', 'SELECT length({long:String})');
    form.set('param_long', 'x'.repeat(1_000_000));
    expect(await ask(form)).toEqual({ status: 200, text: '1000000\n' });
  });
});

describe('as the request says', () => {
  test.each(['3000000', '3M', '4Mi', '0', '1000000000'])(
    'with max_query_size=%s three megabytes are read',
    async (size) => {
      expect(await answer(statementOf(3_000_000), { max_query_size: size })).toBe('2999983\n');
    },
  );

  test('a list of a hundred thousand elements is read, compressed too', async () => {
    const list = `SELECT '7' IN (${Array.from({ length: 100_000 }, (_, n) => `'${n}'`).join(', ')})`;
    const parameters = { max_query_size: '10Mi' };
    expect(await answer(list, parameters)).toBe('1\n');
    const headers = { 'content-encoding': 'gzip' };
    expect(await ask(zlib.gzipSync(list), parameters, headers)).toEqual({ status: 200, text: '1\n' });
  });

  test('less than the default is a limit too', async () => {
    expect(await answer(statementOf(100), { max_query_size: '100' })).toBe('83\n');
    expect(await ask(statementOf(101), { max_query_size: '100' })).toEqual(refused);
  });

  test('an insert at the limit is not pushed over it by where its rows lie', async () => {
    const insert = `INSERT INTO rows (id, name) VALUES`;
    await answer("(3, 'c')", { query: insert, max_query_size: String(insert.length) });
    const shorter = { query: insert, max_query_size: String(insert.length - 1) };
    expect(await ask("(3, 'c')", shorter)).toEqual(refused);
  });

  test('the value can be asked for', async () => {
    const query = "SELECT getSetting('max_query_size')";
    expect(await answer(query)).toBe('262144\n');
    expect(await answer(query, { max_query_size: '1Ki' })).toBe('1024\n');
  });

  test('what is no number is refused', async () => {
    const { status, text } = await ask('SELECT 1', { max_query_size: '1x' });
    expect(status).toBe(400);
    expect(text).toContain("Code: 27. DB::Exception: Cannot parse input: expected 'eof' before: 'x'.");
  });
});

test('a statement may say it itself, in its SETTINGS', async () => {
  expect(await answer(`${statementOf(3_000_000)} SETTINGS max_query_size = 4000000`)).toBe('2999983\n');
  expect(await ask(`${statementOf(3_000_000)} SETTINGS max_query_size = 2000000`)).toEqual(refused);
});

test('a session keeps what was SET; what a URL says in it is for its own query', async () => {
  const session = { session_id: 'sized' };
  await answer('SET max_query_size = 1000', session);
  expect(await ask(statementOf(1_001), session)).toEqual(refused);
  expect(await answer(statementOf(2_000), { ...session, max_query_size: '2000' })).toBe('1983\n');
  expect(await ask(statementOf(1_001), session)).toEqual(refused);
});

test('beyond 16 MiB nothing is read, whatever the limit, and the message says so', async () => {
  expect(await answer(statementOf(16 * 1024 * 1024), { max_query_size: '0' })).toBe('16777199\n');
  const { status, text } = await ask(statementOf(16 * 1024 * 1024 + 1), { max_query_size: '0' });
  expect(status).toBe(400);
  expect(text).toContain('(can be increased with the `max_query_size` setting up to 16777216)');
});

// In a session it is the engine that refuses, in its own words: those before it must be the same.
test.each([
  ['a string', statementOf(1_500)],
  ['a word', `SELECT 1,${' a,'.repeat(330)} b, c`],
  ['several lines', `SELECT\n1\n,${'1,'.repeat(600)}1`],
  ['text that is not ASCII', `SELECT 'é', '${'ü'.repeat(700)}'`],
])('%s is refused in the words of the engine', async (name, statement) => {
  const session = { session_id: `words-${name}` };
  await answer('SET max_query_size = 1000', session);
  const byEngine = await ask(statement, session);
  expect(byEngine).toEqual(refused);
  expect(await ask(statement, { max_query_size: '1000' })).toEqual(byEngine);
});
