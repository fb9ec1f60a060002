import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, test } from '@jest/globals';
import { Pool } from 'undici';
import { DeadlineError, exchange } from '../src/subgraphs/exchange.ts';
import { eventually } from './kit/eventually.ts';

let server: Server;
let pool: Pool;

async function serve(answer: RequestListener, connections = 4): Promise<void> {
  server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  pool = new Pool(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, { connections });
}

afterEach(async () => {
  await pool.destroy();
  server.closeAllConnections();
  server.close();
});

const post = (body: string, milliseconds: number) =>
  exchange(pool, { path: '/', body, headers: { 'content-type': 'application/json' } }, milliseconds);
const patient = 60_000;

describe('an exchange with a subgraph', () => {
  test('answers status, media type and the whole text, also where a character comes in two parts', async () => {
    const bytes = Buffer.from('\ufeff{"a":"é€"}');
    await serve((_request, response) => {
      response.writeHead(418, { 'content-type': 'application/json' });
      response.write(bytes.subarray(0, 11));
      setTimeout(() => response.end(bytes.subarray(11)), 20);
    });
    const { status, contentType, text } = await post('{}', patient);
    expect({ status, contentType, text }).toEqual({
      status: 418,
      contentType: 'application/json',
      text: '{"a":"é€"}',
    });
  });

  test('that takes too long is ended, on the wire too', async () => {
    let isClosed = false;
    await serve((request, response) => {
      request.socket.once('close', () => {
        isClosed = true;
      });
      response.writeHead(200).write('{');
    });
    await expect(post('{}', 300)).rejects.toThrow(DeadlineError);
    await eventually('the connection is closed', () => isClosed);
  });

  test('that waits for a connection until it is too late is not begun', async () => {
    const bodies: string[] = [];
    let release: () => void = () => undefined;
    await serve((request, response) => {
      request.on('data', (chunk: Buffer) => bodies.push(chunk.toString()));
      release = () => response.end('{}');
    }, 1);
    const first = post('first', patient);
    await eventually('the first is there', () => bodies.length === 1);
    await expect(post('second', 300)).rejects.toThrow(DeadlineError);
    release();
    await first;
    const third = post('third', patient);
    await eventually('the third is there', () => bodies.length === 2);
    release();
    await third;
    expect(bodies).toEqual(['first', 'third']);
  });

  test('that breaks in the middle of its answer fails', async () => {
    await serve((request, response) => {
      response.writeHead(200, { 'content-length': 10 }).write('{');
      setTimeout(() => request.socket.destroy(), 20);
    });
    await expect(post('{}', patient)).rejects.not.toThrow(DeadlineError);
  });
});
