import { once } from 'node:events';
import { Agent, get, type IncomingMessage } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { setImmediate } from 'node:timers/promises';
import { describe, expect, test } from '@jest/globals';
import {
  clientHeader,
  createHttpServer,
  createLogger,
  createMetrics,
  currentRequest,
  listen,
  sealClient,
  type HttpServer,
} from '../src/index.ts';

const logger = createLogger({ service: 'test', level: 'silent' });

function serverThatIs(state: { ready: boolean }) {
  const check = async () => {
    if (!state.ready) throw new Error('the engine is away');
  };
  return createHttpServer({ logger, metrics: createMetrics('test'), checks: [{ name: 'engine', check }] });
}

test('readiness follows the checks and says which one fails', async () => {
  const state = { ready: true };
  const server = serverThatIs(state);
  expect((await server.inject('/health/ready')).statusCode).toBe(200);
  state.ready = false;
  const answer = await server.inject('/health/ready');
  expect(answer.statusCode).toBe(503);
  expect(answer.json()).toMatchObject({
    checks: [{ name: 'engine', ok: false, reason: 'the engine is away' }],
  });
  expect((await server.inject('/health/live')).statusCode).toBe(200);
  await server.close();
});

test("a request's id is the caller's, or made here, and is known where it is handled", async () => {
  const server = serverThatIs({ ready: true });
  server.get('/id', async () => currentRequest()?.id);
  const named = await server.inject({ url: '/id', headers: { 'x-request-id': 'abc' } });
  expect([named.body, named.headers['x-request-id']]).toEqual(['abc', 'abc']);
  for (const headers of [{}, { 'x-request-id': 'a'.repeat(129) }, { 'x-request-id': 'a "b"' }]) {
    const made = await server.inject({ url: '/id', headers });
    expect(made.body).toMatch(/^[0-9a-f-]{36}$/);
  }
  await server.close();
});

test('a request under way at the stop is answered, and its connection is not kept alive', async () => {
  const server = serverThatIs({ ready: true });
  let answer: (text: string) => void = () => undefined;
  const asked = new Promise<void>((resolve) => {
    server.get('/slow', () => {
      resolve();
      return new Promise<string>((answered) => (answer = answered));
    });
  });
  const url = await listen(server, { host: '127.0.0.1', port: 0 });
  const agent = new Agent({ keepAlive: true });
  const response = new Promise<IncomingMessage>((resolve, reject) => {
    get(`${url}/slow`, { agent }, resolve).on('error', reject);
  });
  await asked;
  const closed = server.close();
  while (server.server.listening) await setImmediate();
  answer('done');
  const { headers, statusCode } = (await response).resume();
  expect({ statusCode, connection: headers.connection }).toEqual({ statusCode: 200, connection: 'close' });
  await closed;
  agent.destroy();
});

describe('a connection over which nothing came', () => {
  /** Resolves once it is accepted; its end is what `closed` tells. */
  async function silentOne(server: HttpServer) {
    const { port } = server.server.address() as AddressInfo;
    const accepted = once(server.server, 'connection');
    const silent = connect({ host: '127.0.0.1', port });
    await Promise.all([accepted, once(silent, 'connect')]);
    return { closed: once(silent, 'close') };
  }

  test('does not hold up the stop', async () => {
    const server = serverThatIs({ ready: true });
    await server.listen({ host: '127.0.0.1', port: 0 });
    const { closed } = await silentOne(server);
    await server.close();
    await closed;
  });

  test('does not hold up the stop where it came while that was under way', async () => {
    const server = serverThatIs({ ready: true });
    const late: Promise<unknown>[] = [];
    server.addHook('preClose', async () => {
      late.push((await silentOne(server)).closed);
    });
    await server.listen({ host: '127.0.0.1', port: 0 });
    await server.close();
    await Promise.all(late);
  });
});

test('a port in use is named, with the variable to set', async () => {
  const first = serverThatIs({ ready: true });
  const second = serverThatIs({ ready: true });
  const url = await listen(first, { host: '127.0.0.1', port: 0 });
  const port = Number(new URL(url).port);
  await expect(listen(second, { host: '127.0.0.1', port })).rejects.toThrow(
    `Port ${port} on 127.0.0.1 is in use by another process. Set PORT to another one, or stop that process.`,
  );
  await first.close();
  await second.close();
});

describe('the client of a request', () => {
  const secret = 'the secret of the gateway';
  const browser = { address: '2001:db8::7', userAgent: 'A Browser/1' };

  async function clientOf(headers: Record<string, string>, options: object = {}) {
    const server = createHttpServer({ logger, metrics: createMetrics('test'), checks: [], ...options });
    server.get('/client', async () => currentRequest()?.client ?? 'none');
    const answer = await server.inject({
      url: '/client',
      headers: { 'user-agent': 'the gateway', ...headers },
    });
    await server.close();
    return answer.json<unknown>();
  }

  test('is the one that the gateway has signed for', async () => {
    const headers = { [clientHeader]: sealClient(browser, secret) };
    expect(await clientOf(headers, { gatewaySecret: secret })).toEqual(browser);
  });

  const [payload = '', signature = ''] = sealClient(browser, secret).split('.');
  test.each([
    ['signed with another secret', sealClient(browser, 'another secret')],
    ['not signed', payload],
    ['signed with nothing', `${payload}.`],
    [
      'another than the one that was signed',
      `${Buffer.from('["10.0.0.1"]').toString('base64url')}.${signature}`,
    ],
    ['nothing', ''],
  ])('is whoever is connected where the header is %s', async (_case, sealed) => {
    expect(await clientOf({ [clientHeader]: sealed }, { gatewaySecret: secret })).toEqual({
      address: '127.0.0.1',
      userAgent: 'the gateway',
    });
  });

  test('is whoever is connected in a service that knows no gateway', async () => {
    const headers = { [clientHeader]: sealClient(browser, secret) };
    expect(await clientOf(headers)).toMatchObject({ address: '127.0.0.1' });
  });

  test('is told by a proxy that is trusted, and by no other', async () => {
    const headers = { 'x-forwarded-for': '203.0.113.7' };
    expect(await clientOf(headers, { trustedProxies: ['127.0.0.0/8'] })).toMatchObject({
      address: '203.0.113.7',
    });
    expect(await clientOf(headers, { trustedProxies: ['10.0.0.0/8'] })).toMatchObject({
      address: '127.0.0.1',
    });
  });
});
