import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { WebSocket } from 'ws';
import { eventually } from './kit/eventually.ts';
import { startGateway, watch, type TestGateway } from './kit/gateway.ts';
import { initialised, subscribe } from './kit/raw-socket.ts';
import { progressOf, startSchool, type School } from './kit/school.ts';

let school: School;
let gateway: TestGateway;
const subscription = 'subscription { progressUpdated { percent } }';

beforeAll(async () => {
  school = await startSchool();
  gateway = await startGateway(school.all, { liveLimits: { heartbeatMs: 120, stalledMs: 100 } });
});

afterAll(async () => {
  await gateway.stop();
  await school.stop();
});

const isLive = (count: number) =>
  eventually(`${count} at the subgraph`, () => school.progress.live() === count, 5_000);

/** The connection under a socket: nothing is read from it any more, so that not even a ping is answered. */
function vanish(socket: WebSocket): Socket {
  const { _socket: connection } = socket as unknown as { _socket: Socket };
  connection.pause();
  return connection;
}

describe('a client that vanishes without a goodbye', () => {
  test('is cut, and its upstream is closed, although no event ever comes', async () => {
    const raw = await initialised(gateway.url);
    raw.send(subscribe('1', subscription));
    await isLive(1);
    const connection = vanish(raw.socket);
    await isLive(0);
    await eventually('the upstream is closed', () => school.progress.sockets.clients.size === 0);
    connection.destroy();
  });

  test('before it was initialised is cut too', async () => {
    const patient = await startGateway(school.all, {
      liveLimits: { heartbeatMs: 120, initialisationMs: 60_000 },
    });
    const connections: Socket[] = [];
    patient.server.on('connection', (connection: Socket) => connections.push(connection));
    const socket = new WebSocket(patient.url.replace('http', 'ws'), 'graphql-transport-ws');
    await new Promise((resolve) => socket.once('open', resolve));
    const connection = vanish(socket);
    await eventually('it is cut', () => connections.every(({ destroyed }) => destroyed), 5_000);
    connection.destroy();
    await patient.stop();
  });

  test('leaves the upstream to the others that are there', async () => {
    const raw = await initialised(gateway.url);
    raw.send(subscribe('1', subscription));
    await isLive(1);
    const client = gateway.connect();
    const watched = watch(client, subscription);
    await isLive(2);
    const connection = vanish(raw.socket);
    await isLive(1);
    school.events.publish(progressOf('ada', 'algebra', 1));
    await eventually('the event', () => watched.results.length === 1);
    connection.destroy();
    await client.dispose();
    await isLive(0);
  });

  test('while much of an event stream waits for it is cut', async () => {
    const { hostname, port } = new URL(gateway.url);
    const connection = connect({ host: hostname, port: Number(port) });
    const body = JSON.stringify({ query: 'subscription { progressUpdated { id } }' });
    const head = `POST /graphql HTTP/1.1\r\nHost: here\r\nContent-Type: application/json\r\nAccept: text/event-stream`;
    connection.pause();
    connection.write(`${head}\r\nContent-Length: ${body.length}\r\n\r\n${body}`);
    const accepted = await acceptedBy(gateway.server);
    await isLive(1);
    // What the kernels hold fills, and then what the gateway holds.
    for (let event = 0; event < 20; event += 1) {
      school.events.publish({ ...progressOf('ada', 'algebra', 1), id: `${event}${'x'.repeat(1_000_000)}` });
    }
    await eventually('it is cut', () => accepted.destroyed, 10_000);
    await isLive(0);
    connection.destroy();
  });
});

async function acceptedBy(server: TestGateway['server']): Promise<Socket> {
  const [accepted] = (await once(server, 'connection')) as [Socket];
  return accepted;
}

test('a client that only answers pings stays for many of them', async () => {
  const raw = await initialised(gateway.url);
  raw.send(subscribe('1', subscription));
  await isLive(1);
  let pings = 0;
  raw.socket.on('ping', () => (pings += 1));
  await eventually('ten pings', () => pings === 10);
  expect(raw.socket.readyState).toBe(raw.socket.OPEN);
  raw.socket.close();
  await isLive(0);
});

test('a client that only sends messages stays, though it answers no ping frame', async () => {
  const socket = new WebSocket(gateway.url.replace('http', 'ws'), 'graphql-transport-ws', {
    autoPong: false,
  });
  await new Promise((resolve) => socket.once('open', resolve));
  socket.send(JSON.stringify({ type: 'connection_init' }));
  let pings = 0;
  socket.on('ping', () => {
    pings += 1;
    socket.send(JSON.stringify({ type: 'pong' }));
  });
  await eventually('five pings', () => pings === 5);
  expect(socket.readyState).toBe(socket.OPEN);
  socket.terminate();
});
