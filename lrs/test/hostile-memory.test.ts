import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { eventually } from '@lyceum/testing';
import { startProcess, type ServiceProcess } from './kit/child.ts';
import { knows, prepareGround, type Ground } from './kit/lrs.ts';
import { attachmentOf, boundary, jsonPart, multipart, multipartType, sha2Of } from './kit/multipart.ts';
import { residentMemory } from './kit/resident-memory.ts';
import { statement } from './kit/statements.ts';
import { xapiClient, type XapiClient } from './kit/xapi-client.ts';

// What test/hostile-requests.test.ts asks of one receiver with its own eyes, asked of a process: how much memory it takes
// meanwhile, and whether somebody else is served.

const mebibyte = 2 ** 20;
const inFlightLimit = 32 * mebibyte;

/** Beyond what is granted to bodies: garbage of Node's between two collections. */
const allowed = inFlightLimit + 100 * mebibyte;

let ground: Ground;
let receive: ServiceProcess;
let bystander: XapiClient;

beforeAll(async () => {
  ground = await prepareGround({
    XAPI_IN_FLIGHT_LIMIT: String(inFlightLimit),
    XAPI_REQUEST_SECONDS: '2',
    XAPI_UPLOAD_RATE: '1000000',
  });
  await ground.createKey({ name: 'tool', organisationId: 'org_a' });
  receive = await startProcess('lrs/src/receive/main.ts', ground.env);
  bystander = xapiClient(receive.url, 'tool');
  await knows(bystander);
}, 60_000);

afterAll(async () => {
  await receive.stop();
  await ground.close();
});

/** A request of which the bytes are up to the test; answers the status lines so far. */
interface RawRequest {
  readonly socket: Socket;
  readonly statuses: () => string[];
}

function begin(headers: Record<string, string>, method = 'POST', path = '/xapi/statements'): RawRequest {
  const { hostname, port } = new URL(receive.url);
  const socket = connect(Number(port), hostname);
  const lines = Object.entries({ host: 'x', ...bystander.headers, ...headers }).map(
    ([name, value]) => `${name}: ${value}\r\n`,
  );
  socket.on('error', () => undefined);
  let text = '';
  socket.on('data', (piece: Buffer) => (text += piece.toString('latin1')));
  socket.write(`${method} ${path} HTTP/1.1\r\n${lines.join('')}\r\n`);
  return {
    socket,
    statuses: () => [...text.matchAll(/HTTP\/1.1 (\d+)/g)].map(([, status]) => String(status)),
  };
}

const chunk = (piece: Buffer) =>
  Buffer.concat([Buffer.from(`${piece.length.toString(16)}\r\n`), piece, Buffer.from('\r\n')]);

/** Sends pieces as fast as they are taken, until they are all gone or the connection is. */
async function pour({ socket }: RawRequest, piece: Buffer, times: number): Promise<void> {
  for (let sent = 0; sent < times && !socket.destroyed; sent += 1) {
    if (!socket.write(piece))
      await Promise.race([once(socket, 'drain'), once(socket, 'close')]).catch(() => undefined);
  }
}

/** Runs it, and holds the receiver's memory and a bystander's requests against what they may be meanwhile. */
async function whileServing(work: () => Promise<void>): Promise<void> {
  const before = residentMemory(receive.pid);
  let most = before;
  const over = new AbortController();
  const serving = (async () => {
    while (!over.signal.aborted) {
      most = Math.max(most, residentMemory(receive.pid));
      expect((await bystander.post(statement())).status).toBe(200);
      await delay(10);
    }
  })();
  try {
    await work();
  } finally {
    over.abort();
    await serving;
  }
  expect(most - before).toBeLessThan(allowed);
  await eventually(async () => {
    const metrics = await (await fetch(`${receive.url}/metrics`)).text();
    expect(metrics).toMatch(/lyceum_xapi_in_flight_bytes(?:{[^}]*})? 0\n/);
  });
}

const json = { 'content-type': 'application/json' };
const chunked = { 'transfer-encoding': 'chunked' };
const piece = Buffer.alloc(mebibyte, ' ');

test.each([
  ['of statements', { ...json }, '/xapi/statements', 'POST'],
  ['of a document', { ...json }, '/xapi/activities/profile?activityId=urn:x:y&profileId=p', 'POST'],
  ['in parts', { 'content-type': multipartType }, '/xapi/statements', 'POST'],
])(
  'a gigabyte %s is refused, and takes no memory',
  async (_what, headers, path, method) => {
    await whileServing(async () => {
      const request = begin({ ...headers, ...chunked }, method, path);
      await pour(request, chunk(piece), 1_024);
      await eventually(() => {
        expect(request.statuses()).toEqual(['413']);
      });
      request.socket.destroy();
    });
  },
  60_000,
);

test('200 clients that stop in mid-body, or send a byte now and then, are cut off; others are served', async () => {
  await whileServing(async () => {
    const slow = Array.from({ length: 200 }, () => begin({ ...json, 'content-length': '1000000' }));
    for (const { socket } of slow) socket.write('['.padEnd(50_000));
    const drip = setInterval(() => {
      for (const { socket } of slow.slice(100)) if (!socket.destroyed) socket.write(' ');
    }, 200);
    await eventually(
      () => {
        expect(new Set(slow.flatMap(({ statuses }) => statuses()))).toEqual(new Set(['408']));
        expect(slow.every(({ socket }) => socket.destroyed)).toBe(true);
      },
      { timeoutMs: 15_000 },
    );
    clearInterval(drip);
  });
}, 60_000);

test('who does not come to the end of their headers is cut off as well', async () => {
  await whileServing(async () => {
    const { hostname, port } = new URL(receive.url);
    const slow = Array.from({ length: 100 }, () =>
      connect(Number(port), hostname)
        .on('error', () => undefined)
        .resume(),
    );
    for (const socket of slow) socket.write('POST /xapi/statements HTTP/1.1\r\nhost: x\r\nx-drip: ');
    const drip = setInterval(() => {
      for (const socket of slow) if (!socket.destroyed) socket.write('x');
    }, 200);
    await eventually(
      () => {
        expect(slow.every(({ destroyed }) => destroyed)).toBe(true);
      },
      { timeoutMs: 15_000 },
    );
    clearInterval(drip);
  });
}, 60_000);

test('an upload that comes at a pace may take longer than a request, one that does not is cut off', async () => {
  const attachment = Buffer.alloc(6_000_000, 'x');
  const body = multipart([
    jsonPart(statement({ attachments: [attachmentOf(attachment)] })),
    {
      headers: {
        'Content-Type': 'text/plain',
        'Content-Transfer-Encoding': 'binary',
        'X-Experience-API-Hash': sha2Of(attachment),
      },
      body: attachment,
    },
  ]);
  const headers = { 'content-type': multipartType, 'content-length': String(body.length) };
  const [steady, stuck] = [begin(headers), begin(headers)];
  stuck.socket.write(body.subarray(0, 1_000));
  // Twice its pace: three seconds, of two and one more for each of six megabytes.
  for (let at = 0; at < body.length; at += 200_000) {
    steady.socket.write(body.subarray(at, at + 200_000));
    await delay(100);
  }
  await eventually(() => {
    expect([steady.statuses(), stuck.statuses()]).toEqual([['200'], ['408']]);
  });
  steady.socket.destroy();
}, 60_000);

test('what is dear to read is refused before it is', async () => {
  const deep = Buffer.from(`{"a":${'['.repeat(10_000)}${']'.repeat(10_000)}}`);
  const bomb = gzipSync(Buffer.alloc(100 * mebibyte));
  const proto = Buffer.from(JSON.stringify(statement()).replace('{', '{"__proto__":{"polluted":true},'));
  // It says that parts of another boundary follow, and never says the one that it has.
  const lying = Buffer.concat([
    Buffer.from(`--${boundary}\r\nContent-Type: application/json\r\n\r\n`),
    Buffer.alloc(500_000, '\r\n--another-boundary\r\nContent-Type: application/json\r\n\r\n[]'),
  ]);
  const cases: [code: string, body: Buffer, headers: Record<string, string>][] = [
    ['TOO_DEEP', deep, json],
    ['CONTENT_ENCODING', bomb, { ...json, 'content-encoding': 'gzip' }],
    ['INVALID_STATEMENT', proto, json],
    ['INVALID_MULTIPART', lying, { 'content-type': multipartType }],
  ];
  await whileServing(async () => {
    for (const [code, body, headers] of cases) {
      // Ten of each at once.
      const all = Array.from({ length: 10 }, () =>
        bystander.send('POST', '/xapi/statements', { body, headers }),
      );
      const codes = (await Promise.all(all)).map(({ body: answer }) => answer.error.code);
      for (const each of codes) expect([code, 'OVERLOADED', 'TOO_SLOW']).toContain(each);
      expect(codes).toContain(code);
    }
  });
}, 90_000);
