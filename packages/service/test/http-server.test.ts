import { expect, test } from '@jest/globals';
import { createHttpServer, createLogger, createMetrics, currentRequestId, listen } from '../src/index.ts';

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
  server.get('/id', async () => currentRequestId());
  const named = await server.inject({ url: '/id', headers: { 'x-request-id': 'abc' } });
  expect([named.body, named.headers['x-request-id']]).toEqual(['abc', 'abc']);
  const made = await server.inject('/id');
  expect(made.body).toMatch(/^[0-9a-f-]{36}$/);
  await server.close();
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
