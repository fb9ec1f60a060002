import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { describe, expect, test } from '@jest/globals';
import { createHttpStream } from '../src/subscriptions/http-stream.ts';
import { serverSentEvents } from '../src/subscriptions/server-sent-events.ts';
import { eventually } from './kit/eventually.ts';

/** The answer to one request, and the socket of who asked, who does not read yet. */
async function answerToRead() {
  const server = createServer();
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  const reader = connect({ port, host: '127.0.0.1' }).on('error', () => undefined);
  reader.write('GET / HTTP/1.1\r\nHost: here\r\n\r\n');
  const [, response] = (await once(server, 'request')) as [unknown, ServerResponse];
  return { reader, response, stop: () => server.close() };
}

describe('an answer that stays open', () => {
  test('waits for a slow reader as often as it must, with the same listeners', async () => {
    const { reader, response, stop } = await answerToRead();
    const stream = createHttpStream(response, serverSentEvents);
    stream.begin('request-1');
    const listeners = () => response.listenerCount('close') + response.listenerCount('drain');
    const before = listeners();
    let written = 0;
    const frame = 'x'.repeat(1_000_000);
    const writing = (async () => {
      for (; written < 30; written += 1) await stream.write(frame);
    })();
    await eventually('the reader is too slow', () => response.writableNeedDrain);
    expect(written).toBeLessThan(30);
    reader.resume();
    await writing;
    expect(listeners()).toBe(before);
    stream.end();
    stop();
  });

  test('waits no longer for a reader who left, and tells once', async () => {
    const { reader, response, stop } = await answerToRead();
    const stream = createHttpStream(response, serverSentEvents);
    let told = 0;
    stream.onOver(() => {
      told += 1;
    });
    stream.begin('request-1');
    const frame = 'x'.repeat(1_000_000);
    const writing = (async () => {
      while (!stream.over) await stream.write(frame);
    })();
    await eventually('the reader is too slow', () => response.writableNeedDrain);
    reader.destroy();
    await writing;
    stream.end();
    expect(told).toBe(1);
    stop();
  });

  test('tells at once who comes after the reader left', async () => {
    const { reader, response, stop } = await answerToRead();
    const stream = createHttpStream(response, serverSentEvents);
    reader.destroy();
    await eventually('it is over', () => stream.over);
    let told = false;
    stream.onOver(() => {
      told = true;
    });
    expect(told).toBe(true);
    stop();
  });

  test('that is ended before it began says goodbye as soon as it begins', async () => {
    const { reader, response, stop } = await answerToRead();
    const stream = createHttpStream(response, serverSentEvents);
    stream.end();
    stream.begin('request-1');
    let text = '';
    reader.on('data', (chunk: Buffer) => (text += chunk.toString()));
    await eventually('the goodbye', () => text.includes('event: complete'));
    stop();
  });
});
