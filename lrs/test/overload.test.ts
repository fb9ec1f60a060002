import { once } from 'node:events';
import { request, type ClientRequest } from 'node:http';
import { connect } from 'node:net';
import { expect, test } from '@jest/globals';
import { eventually } from '@lyceum/testing';
import { createBodyPieces } from '../src/receive/body-pieces.ts';
import { startLrs, type Lrs } from './kit/lrs.ts';
import { statement, statements } from './kit/statements.ts';
import type { XapiClient } from './kit/xapi-client.ts';

async function withLrs(
  env: NodeJS.ProcessEnv,
  run: (lrs: Lrs, client: XapiClient) => Promise<void>,
): Promise<void> {
  const lrs = await startLrs(env);
  try {
    await run(lrs, await lrs.client('org_a'));
  } finally {
    await lrs.stop();
  }
}

/** A POST that sends some bytes of its body and then waits. */
function half(lrs: Lrs, client: XapiClient, bytes: number): ClientRequest {
  const headers = { ...client.headers, 'content-type': 'application/json', 'content-length': '1000000' };
  const posting = request(`${lrs.url}/xapi/statements`, { method: 'POST', headers });
  posting.on('error', () => undefined);
  posting.write('['.padEnd(bytes));
  return posting;
}

async function inFlight(lrs: Lrs): Promise<number> {
  const metrics = await (await fetch(`${lrs.url}/metrics`)).text();
  return Number(/lyceum_xapi_in_flight_bytes{[^}]*} (\d+)/.exec(metrics)?.[1]);
}

test('more than memory allows is asked to come again; who goes away gives the memory back', async () => {
  await withLrs({ XAPI_IN_FLIGHT_LIMIT: '1048576' }, async (lrs, client) => {
    const slow = [half(lrs, client, 500_000), half(lrs, client, 500_000)];
    await eventually(async () => {
      expect(await inFlight(lrs)).toBe(1_000_000);
    });
    const refused = await client.post(statements(500));
    expect([refused.status, refused.headers.get('retry-after'), refused.body.error.code]).toEqual([
      503,
      '1',
      'OVERLOADED',
    ]);
    expect((await client.post(statement())).status).toBe(200);
    for (const each of slow) each.destroy();
    await eventually(async () => {
      expect(await inFlight(lrs)).toBe(0);
    });
    expect((await client.post(statements(500))).status).toBe(200);
  });
}, 60_000);

test('a body in chunks of a byte holds as much memory as it has bytes, and is read', async () => {
  const pieces = createBodyPieces();
  const body = Buffer.from('one piece first'.padEnd(200_000, 'x'));
  pieces.add(body.subarray(0, 15));
  for (let at = 15; at < body.length; at += 1) pieces.add(body.subarray(at, at + 1));
  const all = pieces.all();
  expect(all.length).toBeLessThan(20);
  expect(Buffer.concat(all).equals(body)).toBe(true);

  await withLrs({}, async (lrs, client) => {
    const posting = request(`${lrs.url}/xapi/statements`, {
      method: 'POST',
      headers: { ...client.headers, 'content-type': 'application/json' },
    });
    for (const byte of JSON.stringify([statement()])) posting.write(byte);
    posting.end();
    const [answer] = (await once(posting, 'response')) as [{ statusCode: number }];
    expect(answer.statusCode).toBe(200);
  });
}, 60_000);

test('a body that never ends is cut off, in chunks or not', async () => {
  await withLrs({ XAPI_REQUEST_SECONDS: '0.5' }, async (lrs, client) => {
    const slow = half(lrs, client, 1_000);
    const [answer] = (await once(slow, 'response')) as [{ statusCode: number }];
    expect(answer.statusCode).toBe(408);
    const { hostname, port } = new URL(lrs.url);
    const socket = connect(Number(port), hostname);
    const headers = Object.entries(client.headers).map(([name, value]) => `${name}: ${value}\r\n`);
    socket.write(
      `POST /xapi/statements HTTP/1.1\r\nhost: x\r\n${headers.join('')}content-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n5\r\n[   \r`,
    );
    await once(socket.resume(), 'close');
    expect(await inFlight(lrs)).toBe(0);
    expect((await client.post(statement())).status).toBe(200);
  });
}, 60_000);

test('a stop lets the request under way end, and takes no other', async () => {
  const lrs = await startLrs();
  const client = await lrs.client('org_a');
  const body = JSON.stringify([statement()]);
  const headers = {
    ...client.headers,
    'content-type': 'application/json',
    'content-length': String(body.length),
  };
  const posting = request(`${lrs.url}/xapi/statements`, { method: 'POST', headers });
  posting.write(body.slice(0, 10));
  await eventually(async () => {
    expect(await inFlight(lrs)).toBe(10);
  });
  const stopped = lrs.stop();
  // It listens no more when `stop` returns its promise; the request under way has five seconds from then.
  const { hostname, port } = new URL(lrs.url);
  await expect(once(connect(Number(port), hostname), 'connect')).rejects.toThrow('ECONNREFUSED');
  posting.end(body.slice(10));
  const [answer] = (await once(posting, 'response')) as [
    { statusCode: number; headers: Record<string, string> },
  ];
  expect([answer.statusCode, answer.headers['connection']]).toEqual([200, 'close']);
  await stopped;
}, 60_000);
