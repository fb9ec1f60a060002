import { execFile } from 'node:child_process';
import { readdir, readFile, stat } from 'node:fs/promises';
import http from 'node:http';
import path from 'node:path';
import { promisify } from 'node:util';
import zlib from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { eventually } from './support/eventually.ts';
import { startClickHouse, temporaryDirectory, type ClickHouseProcess } from './support/clickhouse-process.ts';

const run = promisify(execFile);

let directory: Awaited<ReturnType<typeof temporaryDirectory>>;
let server: ClickHouseProcess;

beforeAll(async () => {
  directory = await temporaryDirectory();
  server = await startClickHouse(directory.path);
});

afterAll(async () => {
  await server.stop();
  await directory.remove();
});

interface Asked {
  method?: string;
  parameters?: Record<string, string>;
  headers?: Record<string, string>;
}

/** POSTs `body` (or GETs without one) and gives the response. */
function ask(
  body: string | Uint8Array | undefined,
  { method, parameters = {}, headers = {} }: Asked = {},
): Promise<Response> {
  const url = `${server.url}/?${new URLSearchParams(parameters).toString()}`;
  return fetch(url, { method: method ?? (body === undefined ? 'GET' : 'POST'), headers, body: body ?? null });
}

async function text(body: string | Uint8Array | undefined, asked: Asked = {}): Promise<string> {
  const response = await ask(body, asked);
  const answer = await response.text();
  if (!response.ok) throw new Error(answer);
  return answer;
}

function createTable(name: string): Promise<string> {
  return text(
    `CREATE TABLE ${name} (id UInt64, name String) ENGINE = MergeTree ORDER BY id
     SETTINGS non_replicated_deduplication_window = 100`,
  );
}

/** How many queries run that hold `words`. */
async function running(words: string): Promise<number> {
  const query = `SELECT count() FROM system.processes WHERE query LIKE '%${words}%' AND query NOT LIKE '%processes%'`;
  return Number(await text(query));
}

describe('health', () => {
  test('/ping and / answer Ok.', async () => {
    expect(await (await fetch(`${server.url}/ping`)).text()).toBe('Ok.\n');
    expect(await (await fetch(`${server.url}/`)).text()).toBe('Ok.\n');
    expect(await (await fetch(`${server.url}/replicas_status`)).text()).toBe('Ok.\n');
  });

  test('an unknown path is 404, in the words of the server', async () => {
    const response = await fetch(`${server.url}/nowhere`);
    expect(response.status).toBe(404);
    expect(await response.text()).toContain('There is no handle /nowhere');
  });
});

describe('queries', () => {
  test('come in the URL, in the body, or begun in one and ended in the other', async () => {
    expect(await text(undefined, { parameters: { query: 'SELECT 1' } })).toBe('1\n');
    expect(await text('SELECT 2')).toBe('2\n');
    expect(await text('+ 4', { parameters: { query: 'SELECT 3' } })).toBe('7\n');
  });

  test('use default_format unless they name a format', async () => {
    expect(await text('SELECT 1 AS a', { parameters: { default_format: 'JSONEachRow' } })).toBe('{"a":1}\n');
    const response = await ask('SELECT 1 AS a FORMAT CSVWithNames', {
      parameters: { default_format: 'JSON' },
    });
    expect(response.headers.get('x-clickhouse-format')).toBe('CSVWithNames');
    expect(response.headers.get('content-type')).toBe('text/csv; charset=UTF-8; header=present');
    expect(await response.text()).toBe('"a"\n1\n');
  });

  test('keep a column called format, comments and a trailing semicolon', async () => {
    expect(await text('SELECT format FROM (SELECT 5 AS format) ORDER BY format DESC')).toBe('5\n');
    expect(await text("SELECT ';' -- it's fine; really\n; ")).toBe(';\n');
    expect(
      await text('/* a */ WITH 2 AS x SELECT x /* FORMAT JSON */ FORMAT TSV SETTINGS max_threads = 1'),
    ).toBe('2\n');
  });

  test.each([
    'SHOW TABLES',
    'DESCRIBE system.one',
    'EXPLAIN SELECT 1',
    'EXISTS system.one',
    '(SELECT 1) UNION ALL (SELECT 2)',
  ])('%s answers with rows', async (query) => {
    await createTable(`shown_${Math.random().toString(36).slice(2)}`);
    const { data } = JSON.parse(await text(query, { parameters: { default_format: 'JSON' } })) as {
      data: unknown[];
    };
    expect(data.length).toBeGreaterThan(0);
  });

  test('run in the database that is named', async () => {
    await text('CREATE DATABASE IF NOT EXISTS school');
    expect(await text('SELECT currentDatabase()', { parameters: { database: 'school' } })).toBe('school\n');
    const byHeader = await text('SELECT currentDatabase()', {
      headers: { 'X-ClickHouse-Database': 'school' },
    });
    expect(byHeader).toBe('school\n');
    expect(await text('SELECT currentDatabase()')).toBe('default\n');
  });

  test('take any setting from the URL, for themselves alone', async () => {
    expect(await text("SELECT getSetting('max_block_size')", { parameters: { max_block_size: '123' } })).toBe(
      '123\n',
    );
    expect(await text("SELECT getSetting('max_block_size')")).not.toBe('123\n');
  });

  test('leave nothing behind: SET, USE and temporary tables end with the request', async () => {
    await text('SET max_block_size = 321');
    await text('USE system');
    await text('CREATE TEMPORARY TABLE passing AS SELECT 1');
    expect(await text("SELECT getSetting('max_block_size')")).not.toBe('321\n');
    expect(await text('SELECT currentDatabase()')).toBe('default\n');
    expect((await ask('SELECT * FROM passing')).status).toBe(404);
  });

  test('answer with the headers of a server', async () => {
    const response = await ask('SELECT 1', { parameters: { query_id: 'my-query' } });
    expect(response.headers.get('x-clickhouse-query-id')).toBe('my-query');
    expect(response.headers.get('x-clickhouse-format')).toBe('TabSeparated');
    expect(response.headers.get('x-clickhouse-timezone')).toMatch(/./);
    expect(JSON.parse(response.headers.get('x-clickhouse-summary')!)).toMatchObject({ read_rows: '1' });
  });
});

describe('parameters', () => {
  const cases: [string, string, string, string][] = [
    ['a string with quotes', 'String', `it's "so"`, `it\\'s "so"`],
    ['an escaped tab and backslash', 'String', String.raw`a\tb\\c`, String.raw`a\tb\\c`],
    ['null', 'Nullable(Int32)', String.raw`\N`, String.raw`\N`],
    ['an array', 'Array(String)', "['a','b c']", "['a','b c']"],
    ['a date', 'Date', '2026-11-21', '2026-11-21'],
    ['what looks like SQL', 'String', "'; DROP TABLE x; --", String.raw`\'; DROP TABLE x; --`],
  ];

  test.each(cases)('%s arrives typed', async (_, type, value, expected) => {
    const answer = await text(`SELECT {p:${type}}`, { parameters: { param_p: value } });
    expect(answer).toBe(`${expected}\n`);
  });

  test('name identifiers', async () => {
    const parameters = { param_d: 'system', param_t: 'one' };
    expect(await text('SELECT * FROM {d:Identifier}.{t:Identifier}', { parameters })).toBe('0\n');
    expect(await text('SELECT {c:Identifier} FROM (SELECT 8 AS x)', { parameters: { param_c: 'x' } })).toBe(
      '8\n',
    );
  });

  test('are missing with the code of a server', async () => {
    const response = await ask('SELECT {absent:String}');
    expect(response.headers.get('x-clickhouse-exception-code')).toBe('456');
  });

  test('of concurrent queries never mix', async () => {
    const answers = await Promise.all(
      Array.from({ length: 60 }, (_, n) =>
        text('SELECT {n:UInt32} + 0', { parameters: { param_n: String(n) } }),
      ),
    );
    expect(answers).toEqual(Array.from({ length: 60 }, (_, n) => `${n}\n`));
  });

  test('come as fields of a form', async () => {
    const form = new FormData();
    form.set('query', 'SELECT {long:String}');
    form.set('param_long', 'x'.repeat(10_000));
    const response = await fetch(server.url, { method: 'POST', body: form });
    expect((await response.text()).length).toBe(10_001);
  });
});

describe('exceptions', () => {
  const cases: [string, number, number, string][] = [
    ['SELECT * FROM absent', 404, 60, 'UNKNOWN_TABLE'],
    ['SELEC 1', 400, 62, 'SYNTAX_ERROR'],
    ['', 400, 62, 'SYNTAX_ERROR'],
    ['SELECT 1; SELECT 2', 400, 62, 'SYNTAX_ERROR'],
    ['SELECT absent', 404, 47, 'UNKNOWN_IDENTIFIER'],
    ["SELECT toDate('x')", 400, 38, 'CANNOT_PARSE_DATE'],
    ['SELECT throwIf(1)', 500, 395, 'FUNCTION_THROW_IF_VALUE_IS_NON_ZERO'],
    ['SELECT 1 FORMAT Absent', 404, 73, 'UNKNOWN_FORMAT'],
    ["SELECT 1 INTO OUTFILE '/tmp/x'", 501, 48, 'NOT_IMPLEMENTED'],
    ["INSERT INTO t FROM INFILE '/etc/passwd' FORMAT TSV", 501, 48, 'NOT_IMPLEMENTED'],
  ];

  test.each(cases)('%j is %i, code %i (%s)', async (query, status, code, name) => {
    const response = await ask(query);
    const answer = await response.text();
    expect(answer).toMatch(
      new RegExp(`^Code: ${code}\\. DB::Exception: [\\s\\S]*\\(${name}\\) \\(version 2\\d\\.`),
    );
    expect(response.status).toBe(status);
    expect(response.headers.get('x-clickhouse-exception-code')).toBe(String(code));
  });

  test('an unknown setting is 404', async () => {
    expect((await ask('SELECT 1', { parameters: { no_such_setting: '1' } })).status).toBe(404);
  });

  test('GET changes nothing', async () => {
    const response = await ask(undefined, {
      parameters: { query: 'CREATE TABLE by_get (a Int8) ENGINE = Memory' },
    });
    expect(response.status).toBe(500);
    expect(await response.text()).toContain('(READONLY)');
    expect(await text('EXISTS by_get')).toBe('0\n');
  });

  test('an exception in the midst of a result is told inside it, and the answer breaks off', async () => {
    const failing =
      'SELECT number, throwIf(number = 2000000) FROM numbers(3000000) SETTINGS max_block_size = 10000';
    const { body, complete, tag } = await rawPost(failing);
    expect(body).toContain(`\r\n__exception__\r\n${tag}\r\nCode: 395. DB::Exception`);
    expect(body.endsWith(` ${tag}\r\n__exception__\r\n`)).toBe(true);
    expect(complete).toBe(false);
  });
});

describe('inserts', () => {
  test('take rows in the body behind a query in the URL', async () => {
    await createTable('by_url');
    const response = await ask('{"id":1,"name":"a"}\n{"id":2,"name":"b"}\n', {
      parameters: { query: 'INSERT INTO by_url FORMAT JSONEachRow' },
    });
    expect(JSON.parse(response.headers.get('x-clickhouse-summary')!)).toMatchObject({ written_rows: '2' });
    expect(await text('SELECT * FROM by_url ORDER BY id')).toBe('1\ta\n2\tb\n');
  });

  test('take rows behind the query in one body', async () => {
    await createTable('in_body');
    await text('INSERT INTO in_body (name, id) FORMAT CSV\n"é, ü",1\n');
    await text("INSERT INTO in_body VALUES (2, 'x;\n\ny'), (1 + 2, 'z');");
    expect(await text('SELECT * FROM in_body ORDER BY id')).toBe('1\té, ü\n2\tx;\\n\\ny\n3\tz\n');
  });

  test('end with the body, not with a blank line, and nothing behind one is run as SQL', async () => {
    await createTable('blank_lines');
    const rows = '{"id":1,"name":"a"}\n\n{"id":2,"name":"b"}\n\n\n{"id":3,"name":"; DROP TABLE blank_lines"}';
    await text(rows, { parameters: { query: 'INSERT INTO blank_lines FORMAT JSONEachRow' } });
    expect(await text('SELECT count() FROM blank_lines')).toBe('3\n');
  });

  test.each(['Native', 'Parquet', 'RowBinary', 'ArrowStream', 'JSON', 'TSVWithNames', 'MsgPack', 'Avro'])(
    'take back what was read as %s',
    async (format) => {
      const table = `round_trip_${format}`;
      await createTable(table);
      const read = await ask(
        `SELECT number AS id, toString(number) || '\n\n' AS name FROM numbers(1000) FORMAT ${format}`,
      );
      const rows = new Uint8Array(await read.arrayBuffer());
      await text(rows, { parameters: { query: `INSERT INTO ${table} FORMAT ${format}` } });
      expect(await text(`SELECT count(), sum(id), sum(length(name)) FROM ${table}`)).toBe(
        '1000\t499500\t4890\n',
      );
    },
  );

  test('go through SELECT from input()', async () => {
    await createTable('through_input');
    await text(
      "INSERT INTO through_input SELECT id * 10, upper(name) FROM input('id UInt64, name String') WHERE id > 1 FORMAT TSV\n1\ta\n2\tb\n",
    );
    expect(await text('SELECT * FROM through_input')).toBe('20\tB\n');
  });

  test('copy with INSERT ... SELECT', async () => {
    await createTable('copied');
    await text("INSERT INTO copied SELECT number, 'n' FROM numbers(10)");
    expect(await text('SELECT count() FROM copied')).toBe('10\n');
  });

  test('with the same deduplication token count once, synchronously', async () => {
    await createTable('deduplicated');
    const insert = (token: string): Promise<string> =>
      text('1\ta\n', {
        parameters: { query: 'INSERT INTO deduplicated FORMAT TSV', insert_deduplication_token: token },
      });
    await insert('statements/0/0-9');
    await insert('statements/0/0-9');
    expect(await text('SELECT count() FROM deduplicated')).toBe('1\n');
    await insert('statements/0/10-19');
    expect(await text('SELECT count() FROM deduplicated')).toBe('2\n');
  });

  test('deduplicate through a materialized view when its table has a window too', async () => {
    await createTable('source');
    await text(
      'CREATE TABLE counted (n UInt64) ENGINE = MergeTree ORDER BY n SETTINGS non_replicated_deduplication_window = 100',
    );
    await text('CREATE MATERIALIZED VIEW counting TO counted AS SELECT count() AS n FROM source');
    const parameters = {
      query: 'INSERT INTO source FORMAT TSV',
      insert_deduplication_token: 'once',
      deduplicate_blocks_in_dependent_materialized_views: '1',
    };
    for (let attempt = 0; attempt < 3; attempt += 1) await text('1\ta\n2\tb\n', { parameters });
    expect(await text('SELECT sum(n) FROM counted')).toBe('2\n');
  });

  test('keep settings of their own', async () => {
    await createTable('lenient');
    await text('{"id":1,"name":"a","extra":1}', {
      parameters: {
        query: 'INSERT INTO lenient SETTINGS input_format_skip_unknown_fields = 0 FORMAT JSONEachRow',
      },
    }).then(
      () => {
        expect(true).toBe(false);
      },
      (error: unknown) => {
        expect(String(error)).toContain('Unknown field');
      },
    );
    expect(await text('SELECT count() FROM lenient')).toBe('0\n');
  });

  test('with a broken row insert nothing and name the row', async () => {
    await createTable('broken');
    const response = await ask('1\ta\nx\tb\n', { parameters: { query: 'INSERT INTO broken FORMAT TSV' } });
    const answer = await response.text();
    expect(response.status).toBe(400);
    expect(answer).toContain('(at row 2)');
    expect(answer).not.toContain('spool');
    expect(await text('SELECT count() FROM broken')).toBe('0\n');
  });

  test('cut off half-way insert nothing', async () => {
    await createTable('cut_off');
    const rows = '1\ta\n2\tb\n';
    const cutOff = beginPost('/?query=INSERT+INTO+cut_off+FORMAT+TSV', rows);
    await eventually(async () => (await spooledBytes())[0] === rows.length);
    cutOff();
    // What was taken in is deleted last, whatever has become of it.
    await eventually(async () => (await spooledBytes()).length === 0);
    expect(await text('SELECT count() FROM cut_off')).toBe('0\n');
  });

  test('of many megabytes arrive', async () => {
    await createTable('large');
    const rows = Buffer.concat(Array.from({ length: 40 }, () => Buffer.from(`7\t${'x'.repeat(999_990)}\n`)));
    await text(rows, { parameters: { query: 'INSERT INTO large FORMAT TSV' } });
    expect(await text('SELECT count(), sum(length(name)) FROM large')).toBe('40\t39999600\n');
  });
});

describe('compression', () => {
  const encoders: [string, (data: Buffer) => Buffer][] = [
    ['gzip', (data) => zlib.gzipSync(data)],
    ['deflate', (data) => zlib.deflateSync(data)],
    ['br', (data) => zlib.brotliCompressSync(data)],
  ];

  test.each(encoders)(
    '%s requests are unpacked: rows alone, and query with rows',
    async (encoding, encode) => {
      const table = `packed_${encoding}`;
      await createTable(table);
      const headers = { 'Content-Encoding': encoding };
      await text(encode(Buffer.from('1\ta\n')), {
        headers,
        parameters: { query: `INSERT INTO ${table} FORMAT TSV` },
      });
      await text(encode(Buffer.from(`INSERT INTO ${table} FORMAT TSV\n2\tb\n`)), { headers });
      expect(await text(encode(Buffer.from(`SELECT count() FROM ${table}`)), { headers })).toBe('2\n');
    },
  );

  test('zstd rows are unpacked by the engine itself', async () => {
    await createTable('packed_zstd');
    const packed = await ask(
      "SELECT 1 AS id, 'z' AS name FORMAT Parquet SETTINGS output_format_parquet_compression_method = 'zstd'",
    );
    await text(new Uint8Array(await packed.arrayBuffer()), {
      parameters: { query: 'INSERT INTO packed_zstd FORMAT Parquet' },
    });
    expect(await text('SELECT name FROM packed_zstd')).toBe('z\n');
  });

  test.each(['gzip', 'br', 'deflate'])(
    '%s answers come when asked for, small and large',
    async (encoding) => {
      for (const rows of [10, 1_000_000]) {
        const response = await ask(`SELECT number FROM numbers(${rows})`, {
          parameters: { enable_http_compression: '1' },
          headers: { 'Accept-Encoding': encoding },
        });
        expect(response.headers.get('content-encoding')).toBe(encoding);
        expect((await response.text()).split('\n')).toHaveLength(rows + 1);
      }
    },
  );

  test('answers stay as they are when it is not enabled', async () => {
    const response = await ask('SELECT 1', { headers: { 'Accept-Encoding': 'gzip' } });
    expect(response.headers.get('content-encoding')).toBeNull();
  });

  test('an unknown encoding is refused', async () => {
    const response = await ask('SELECT 1', { headers: { 'Content-Encoding': 'rot13' } });
    expect(response.status).toBe(501);
    expect(await response.text()).toContain('Unknown compression method: rot13');
  });
});

describe('sessions', () => {
  test('keep temporary tables and SET; settings of a URL pass', async () => {
    const session_id = 'kept';
    const inSession = (query: string, parameters = {}): Promise<string> =>
      text(query, { parameters: { session_id, ...parameters } });
    await inSession('CREATE TEMPORARY TABLE mine (a Int8)');
    await inSession('INSERT INTO mine VALUES (4)');
    await inSession('SET max_block_size = 999');
    expect(await inSession("SELECT a, getSetting('max_block_size') FROM mine", { max_block_size: '5' })).toBe(
      '4\t5\n',
    );
    expect(await inSession("SELECT getSetting('max_block_size')")).toBe('999\n');
    await inSession('USE system');
    expect(await inSession('SELECT currentDatabase()')).toBe('system\n');
    expect((await ask('SELECT * FROM mine')).status).toBe(404);
  });

  test('take one query at a time', async () => {
    const parameters = { session_id: 'busy' };
    const first = new AbortController();
    const endless = 'SELECT count() FROM numbers(900000000000) WHERE NOT ignore(sipHash64(number))';
    const pending = fetch(`${server.url}/?session_id=busy`, {
      method: 'POST',
      body: endless,
      signal: first.signal,
    }).catch(() => 'gone');
    await eventually(async () => (await running('900000000000')) === 1);
    const second = await ask('SELECT 1', { parameters });
    expect(await second.text()).toContain('(SESSION_IS_LOCKED)');
    first.abort();
    expect(await pending).toBe('gone');
    await eventually(async () => (await ask('SELECT 1', { parameters })).ok);
  });

  test('end with their timeout, and session_check then finds none', async () => {
    await text('SELECT 1', { parameters: { session_id: 'short', session_timeout: '0' } });
    await eventually(async () => {
      const checked = await ask('SELECT 1', {
        parameters: { session_id: 'short', session_check: '1', session_timeout: '0' },
      });
      return (await checked.text()).includes('(SESSION_NOT_FOUND)');
    });
  });
});

describe('large results', () => {
  test('are streamed at the pace of the reader, never held whole', async () => {
    const response = await ask('SELECT number, randomPrintableASCII(200) FROM numbers(3000000) FORMAT TSV');
    let bytes = 0;
    for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) bytes += chunk.length;
    expect(bytes).toBeGreaterThan(600e6);
    if (process.platform === 'linux') expect(await residentMegabytes()).toBeLessThan(700);
  });

  test('with wait_end_of_query come with their final summary', async () => {
    const response = await ask('SELECT number FROM numbers(500000)', {
      parameters: { wait_end_of_query: '1' },
    });
    expect(JSON.parse(response.headers.get('x-clickhouse-summary')!)).toMatchObject({ read_rows: '500000' });
    expect((await response.text()).split('\n')).toHaveLength(500_001);
  });

  test('with wait_end_of_query a late exception still has its status', async () => {
    const response = await ask('SELECT throwIf(number = 2000000) FROM numbers(3000000)', {
      parameters: { wait_end_of_query: '1' },
    });
    expect(response.status).toBe(500);
    await response.text();
  });
});

describe('concurrency', () => {
  const slow = 'SELECT sum(sipHash64(number)) FROM numbers(100000000000)';
  test('look-ups and inserts flow beside long queries, which end when their client goes', async () => {
    await createTable('flowing');
    const clients = [new AbortController(), new AbortController(), new AbortController()];
    const pending = clients.map(({ signal }) =>
      fetch(server.url, { method: 'POST', body: slow, signal }).catch(() => 'gone'),
    );
    await eventually(async () => (await running('100000000000')) === 3);
    await text('1\ta\n', { parameters: { query: 'INSERT INTO flowing FORMAT TSV' } });
    expect(await text('SELECT count() FROM flowing')).toBe('1\n');
    expect(await running('100000000000')).toBe(3);
    for (const client of clients) client.abort();
    expect(await Promise.all(pending)).toEqual(['gone', 'gone', 'gone']);
    await eventually(async () => (await running('100000000000')) === 0);
  });

  test('more readers than places wait their turn', async () => {
    const answers = await Promise.all(
      Array.from({ length: 40 }, (_, n) => text(`SELECT ${n}, count() FROM numbers(100000)`)),
    );
    expect(answers).toEqual(Array.from({ length: 40 }, (_, n) => `${n}\t100000\n`));
  });

  test('a reader that goes in the midst of a result frees its place', async () => {
    for (let attempt = 0; attempt < 20; attempt += 1) {
      const client = new AbortController();
      const response = await fetch(server.url, {
        method: 'POST',
        body: 'SELECT number FROM numbers(100000000)',
        signal: client.signal,
      });
      await response.body!.getReader().read();
      client.abort();
    }
    expect(await text('SELECT 1')).toBe('1\n');
  });
});

describe('access', () => {
  test('an unknown user is 403', async () => {
    const response = await ask('SELECT 1', { headers: { 'X-ClickHouse-User': 'somebody' } });
    expect(response.status).toBe(403);
    expect(await response.text()).toContain('somebody: Authentication failed');
  });

  test.each([
    { Origin: 'https://elsewhere.example' },
    { 'Sec-Fetch-Site': 'cross-site' },
    { Host: 'rebound.example:4123' },
  ])('a web page is refused: %j', async (headers) => {
    const { status } = await rawPost('SELECT 1', headers);
    expect(status).toBe(403);
  });
});

describe('the format Native for a client of the native protocol', () => {
  const columns = `number AS id, toString(number) AS s, toLowCardinality(toString(number % 5)) AS lc,
    CAST(if(number % 2 = 0, NULL, 'x') AS LowCardinality(Nullable(String))) AS lcn, if(number % 3 = 0, NULL, number) AS n,
    [toLowCardinality('a'), 'b'] AS tags, map('k', [number]) AS m, CAST('a,(' AS Enum8('a,(' = 1)) AS e,
    CAST((number, 'y'), 'Tuple(x UInt64, y String)') AS t, generateUUIDv4() AS u, toDecimal64(number, 3) AS d,
    toFixedString('abc', 3) AS f, CAST([(1., 2.)] AS Ring) AS r, toIntervalDay(3) AS i, now64(3) AS at, toIPv6('::1') AS ip`;

  test('is whole: every type is stepped over, over several blocks', async () => {
    const query = `SELECT ${columns} FROM numbers(150000) FORMAT Native`;
    const plain = Buffer.from(await (await ask(query)).arrayBuffer());
    const framed = await ask(query, { parameters: { client_protocol_version: '54460' } });
    expect(framed.status).toBe(200);
    const bytes = Buffer.from(await framed.arrayBuffer());
    const blocks = bytes.toString('latin1').split('\x01\x00\x02\xff\xff\xff\xff\x00').length - 1;
    expect(blocks).toBeGreaterThan(1);
    // Eight bytes a block, and one for each of its 16 columns.
    expect(bytes.length - plain.length).toBe(blocks * (8 + 16));
  });

  test('refuses a type that has no plain layout, and says what to do', async () => {
    const response = await ask('SELECT sumState(1) FORMAT Native', {
      parameters: { client_protocol_version: '54460' },
    });
    expect(response.status).toBe(501);
    expect(await response.text()).toContain('select it as a String');
  });
});

test('curl inserts a file and reads it back', async () => {
  await createTable('by_curl');
  const query = encodeURIComponent('INSERT INTO by_curl FORMAT TSV');
  await run('curl', ['-fsS', '--data-binary', '1\ta', `${server.url}/?query=${query}`]);
  const { stdout } = await run('curl', [
    '-fsS',
    '-G',
    server.url,
    '--data-urlencode',
    'query=SELECT * FROM by_curl',
  ]);
  expect(stdout).toBe('1\ta\n');
});

async function residentMegabytes(): Promise<number> {
  const status = await readFile(`/proc/${server.pid}/status`, 'utf8');
  return Number(/VmRSS:\s+(\d+)/.exec(status)![1]) / 1024;
}

interface RawAnswer {
  status: number;
  body: string;
  tag: string;
  complete: boolean;
}

// node:http, because fetch hides a body that breaks off and forbids some headers.
function rawPost(query: string, headers: Record<string, string> = {}): Promise<RawAnswer> {
  return new Promise((resolve, reject) => {
    const request = http.request(server.url, { method: 'POST', headers }, (response) => {
      const chunks: Buffer[] = [];
      const settle = (): void => {
        resolve({
          status: response.statusCode!,
          body: Buffer.concat(chunks).toString(),
          tag: String(response.headers['x-clickhouse-exception-tag']),
          complete: response.complete,
        });
      };
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', settle);
      response.on('end', settle);
    });
    request.on('error', reject);
    request.end(query);
  });
}

// Announces more than it sends; the answer lets the client go.
function beginPost(target: string, body: string): () => void {
  const request = http.request(new URL(target, server.url), {
    method: 'POST',
    headers: { 'Content-Length': '1000' },
  });
  request.on('error', () => undefined);
  request.write(body);
  return () => request.destroy();
}

// Of each insert that is being taken in.
async function spooledBytes(): Promise<number[]> {
  const spool = path.join(directory.path, 'clickhouse', 'spool');
  const files = (await readdir(spool)).filter((file) => file.startsWith('rows-'));
  return Promise.all(files.map(async (file) => (await stat(path.join(spool, file))).size));
}
