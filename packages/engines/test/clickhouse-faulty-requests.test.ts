import http from 'node:http';
import net from 'node:net';
import zlib from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { startClickHouse, temporaryDirectory, type ClickHouseProcess } from './support/clickhouse-process.ts';

// Anybody who reaches the port can send anything: it may fail, but never end the process with the engine in it.

let directory: Awaited<ReturnType<typeof temporaryDirectory>>;
let server: ClickHouseProcess;

beforeAll(async () => {
  directory = await temporaryDirectory();
  server = await startClickHouse(directory.path);
  await post('', 'CREATE TABLE t (id UInt64, name String) ENGINE = MergeTree ORDER BY id');
});

afterAll(async () => {
  await server.stop();
  await directory.remove();
});

function post(query: string, body: string | Uint8Array, headers: Record<string, string> = {}) {
  return fetch(`${server.url}/?query=${encodeURIComponent(query)}`, { method: 'POST', headers, body });
}

async function expectAlive(): Promise<void> {
  expect(await (await post('', 'SELECT 1')).text()).toBe('1\n');
}

test.each(['GET //', 'POST http://['])(
  '%s is no target: 400, and the next request is answered',
  async (line) => {
    expect(await raw(`${line} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n`)).toMatch(
      /^HTTP\/1\.1 400 /,
    );
    await expectAlive();
  },
);

test.each([
  ['CONNECT', 'CONNECT localhost:80 HTTP/1.1\r\nHost: localhost\r\n\r\n'],
  ['an upgrade', 'GET / HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n'],
  [
    'an unknown expectation',
    'POST / HTTP/1.1\r\nHost: localhost\r\nExpect: all\r\nContent-Length: 0\r\n\r\n',
  ],
  ['what is not HTTP', '\x16\x03\x01\x02\r\n\r\n'],
])('%s harms nobody', async (_, request) => {
  await raw(request);
  await expectAlive();
});

test('a broken compressed body is told, although rows in the URL are still being taken in', async () => {
  const rows = '1\taaaaaaaaaaaaaaaaaaaaa\n'.repeat(20_000);
  const response = await post(`INSERT INTO t FORMAT TSV\n${rows}`, 'this is not gzip', {
    'content-encoding': 'gzip',
  });
  expect(response.status).toBe(500);
  expect(await response.text()).toContain('incorrect header check');
  await expectAlive();
});

test('a compressed body that breaks behind its query is dropped with the query that is refused', async () => {
  const rows = Array.from({ length: 100_000 }, () => `${Math.random()}\t${Math.random()}\n`).join('');
  const body = zlib.gzipSync(`INSERT INTO t FORMAT TSV\n${rows}`).fill(0, 700_000, 700_100);
  const refused = await fetch(`${server.url}/?readonly=1`, {
    method: 'POST',
    headers: { 'content-encoding': 'gzip' },
    body,
  });
  expect(await refused.text()).toContain('(READONLY)');
  await expectAlive();
});

describe('a refused body of 20 MB is taken to its end: the same connection serves the next request', () => {
  const rows = '1\taaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\n'.repeat(500_000);
  const form = `--b\r\nContent-Disposition: form-data; name="query"\r\n\r\n${rows}\r\n--b--\r\n`;
  test.each([
    ['a statement that is too long', '/', `SELECT '${rows}'`, {}],
    ['rows behind a statement that may not write', '/?readonly=1', `INSERT INTO t FORMAT TSV\n${rows}`, {}],
    ['rows from a stranger', '/?user=somebody&query=INSERT+INTO+t+FORMAT+TSV', rows, {}],
    ['rows for no table', '/?query=INSERT+INTO+absent+FORMAT+TSV', rows, {}],
    ['a form', '/', form, { 'content-type': 'multipart/form-data; boundary=b' }],
    ['a compressed statement', '/', zlib.gzipSync(`SELECT '${rows}'`), { 'content-encoding': 'gzip' }],
  ])('%s', async (_, target, body, headers) => {
    const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
    const refused = await send(target, body, headers, agent);
    expect(refused.status).toBeGreaterThanOrEqual(400);
    const next = await send('/', 'SELECT 1', {}, agent);
    expect(next).toEqual({ status: 200, port: refused.port });
    agent.destroy();
  });
});

interface Sent {
  status: number;
  /** Of this side of the connection. */
  port: number;
}

function send(
  target: string,
  body: string | Buffer,
  headers: Record<string, string>,
  agent: http.Agent,
): Promise<Sent> {
  return new Promise((resolve, reject) => {
    const url = new URL(target, server.url);
    const request = http.request(url, { method: 'POST', headers, agent }, (response) => {
      const port = response.socket.localPort!;
      response.resume().once('end', () => {
        resolve({ status: response.statusCode!, port });
      });
    });
    request.once('error', reject);
    request.end(body);
  });
}

/** Sends `text` as it is; what comes back until the other side closes, or has answered. */
function raw(text: string): Promise<string> {
  const { hostname, port } = new URL(server.url);
  return new Promise((resolve, reject) => {
    const socket = net.connect(Number(port), hostname, () => socket.write(text));
    let answer = '';
    socket.on('data', (chunk: Buffer) => {
      answer += chunk.toString();
      socket.end();
    });
    socket.on('close', () => {
      resolve(answer);
    });
    socket.on('error', reject);
  });
}
