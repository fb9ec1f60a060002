import { connect, type Socket } from 'node:net';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { eventually } from '@lyceum/testing';
import { startProcess, type ServiceProcess } from './kit/child.ts';
import { knows, prepareGround, type Ground } from './kit/lrs.ts';
import { residentMemory } from './kit/resident-memory.ts';
import { ingested } from './kit/reading.ts';
import { statement, statements } from './kit/statements.ts';
import { xapiClient, type XapiClient } from './kit/xapi-client.ts';

let ground: Ground;
let ingest: ServiceProcess;
let receive: ServiceProcess;
let client: XapiClient;

const limit = 32 * 2 ** 20;

beforeAll(async () => {
  ground = await prepareGround({ XAPI_IN_FLIGHT_LIMIT: String(limit) });
  await ground.createKey({ name: 'tool', organisationId: 'org_a' });
  ingest = await startProcess('lrs/src/ingest/main.ts', ground.env);
  receive = await startProcess('lrs/src/receive/main.ts', ground.env);
  client = xapiClient(receive.url, 'tool');
  await knows(client);
}, 60_000);

afterAll(async () => {
  await receive.stop();
  await ingest.stop();
  await ground.close();
});

function pipeline(head: string, times: number): Socket {
  const { hostname, port } = new URL(receive.url);
  const socket = connect(Number(port), hostname);
  socket.on('error', () => undefined);
  const lines = Object.entries({ ...client.headers, host: 'x' }).map(
    ([name, value]) => `${name}: ${value}\r\n`,
  );
  socket.write(`${head}\r\n${lines.join('')}\r\n`.repeat(times));
  return socket;
}

test('pages that are asked for by the thousand, and never taken, take bounded memory; others are served', async () => {
  const large = statements(8, { result: { response: 'x'.repeat(300_000) } });
  for (const each of large) expect((await client.post(each)).status).toBe(200);
  await ingested(
    ground,
    large.map(({ id }) => String(id)),
  );
  // What it takes while it works, before.
  expect((await client.get('?limit=8')).status).toBe(200);
  const before = residentMemory(receive.pid);
  let most = before;
  const greedy = Array.from({ length: 4 }, () =>
    pipeline('GET /xapi/statements?limit=8 HTTP/1.1', 2_000).pause(),
  );
  const began = Date.now();
  await eventually(
    async () => {
      most = Math.max(most, residentMemory(receive.pid));
      expect((await client.post(statement())).status).toBe(200);
      expect(Date.now() - began).toBeGreaterThan(4_000);
    },
    { timeoutMs: 20_000, pauseMs: 50 },
  );
  for (const each of greedy) each.destroy();
  // 8,000 pages of 2.4 MB would be 19 GB.
  expect(most - before).toBeLessThan(300 * 2 ** 20);
  await eventually(async () => {
    expect((await client.get('?limit=8')).status).toBe(200);
  });
}, 60_000);

test('requests that come before the answers to those before them are all answered, in order', async () => {
  const socket = pipeline('GET /xapi/statements?limit=x HTTP/1.1', 1).setEncoding('latin1');
  const heads = Array.from(
    { length: 500 },
    (_, index) => `GET /nothing/at/${String(index)} HTTP/1.1\r\nhost: x\r\n\r\n`,
  );
  socket.write(heads.join(''));
  let text = '';
  socket.on('data', (piece: string) => (text += piece));
  await eventually(() => {
    const said = [...text.matchAll(/nothing at \/nothing\/at\/(\d+)/g)].map(([, index]) => Number(index));
    expect(said).toEqual(Array.from({ length: 500 }, (_, index) => index));
  });
  socket.destroy();
});

test('a body behind many requests is read though those wait', async () => {
  const body = JSON.stringify([statement()]);
  const socket = pipeline('GET /xapi/statements?limit=1 HTTP/1.1', 60).setEncoding('latin1');
  const lines = Object.entries({ ...client.headers, host: 'x', 'content-type': 'application/json' });
  const head = lines.map(([name, value]) => `${name}: ${value}\r\n`).join('');
  socket.write(
    `POST /xapi/statements HTTP/1.1\r\n${head}content-length: ${String(body.length)}\r\n\r\n${body}`,
  );
  let text = '';
  socket.on('data', (piece: string) => (text += piece));
  await eventually(() => {
    expect(text.match(/HTTP\/1.1 200/g)).toHaveLength(61);
  });
  socket.destroy();
});
