import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { pipeline } from 'node:stream/promises';
import type { Logger } from '@lyceum/service';
import { boundPipelining } from './bounded-pipelining.ts';
import { crossOriginHeaders } from './cors.ts';
import type { Answer, Exchange } from './exchange.ts';
import { listen } from './listen.ts';
import { createPace } from './pace.ts';
import { readExchange } from './router.ts';
import type { Siblings } from './siblings.ts';
import { answeredVersion, readVersion } from './version.ts';
import { XapiError } from './xapi-error.ts';

/**
 * The HTTP server of the receiver: Node's own, since a framework costs more here than all that it would do.
 */
export interface XapiServer {
  listen(address: { host: string; port: number }): Promise<string>;
  /** In the place of listening: takes the connections that another process has accepted. */
  take(from: Pick<Siblings, 'takeConnections'>): void;
  /** No new connections; requests under way end, to a deadline in milliseconds; then the rest is cut. */
  close(deadlineMs: number): Promise<void>;
}

export interface XapiServerOptions {
  readonly handle: (exchange: Exchange) => Answer | Promise<Answer>;
  /** See PaceOptions. */
  readonly requestMs: number;
  readonly bytesPerSecond: number;
  readonly logger: Logger;
  readonly onAnswered: (method: string, status: number, seconds: number) => void;
}

export function createXapiServer(o: XapiServerOptions): XapiServer {
  let stopping = false;
  const pace = createPace(o);

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const started = performance.now();
    const requestId = requestIdOf(request);
    pace.watch(request, response);
    const { status, body, headers } = await run(readExchange(request, response, requestId));
    if (!response.destroyed) {
      response.writeHead(status, {
        'x-experience-api-version': versionOf(request),
        'x-request-id': requestId,
        ...(body !== undefined && {
          'content-type': 'application/json',
          ...(!isStream(body) && { 'content-length': Buffer.byteLength(body) }),
        }),
        ...(stopping && { connection: 'close' }),
        ...crossOriginHeaders(request),
        ...headers,
      });
      if (request.method === 'HEAD' || !isStream(body))
        response.end(request.method === 'HEAD' ? undefined : body);
      else await sendStream(body, response, requestId);
    }
    pace.forget(request);
    o.onAnswered(request.method ?? '', status, (performance.now() - started) / 1000);
  }

  /** The status is said by now: where the stream fails, the connection is cut, so that nobody takes it for whole. */
  async function sendStream(
    stream: AsyncIterable<string | Uint8Array>,
    response: ServerResponse,
    requestId: string,
  ): Promise<void> {
    try {
      await pipeline(stream, response);
    } catch (error) {
      if (!response.closed || response.errored)
        o.logger.warn({ err: error, requestId }, 'an answer was not sent to its end');
    }
  }

  async function run(exchange: Exchange): Promise<Answer> {
    try {
      return await o.handle(exchange);
    } catch (error) {
      if (error instanceof XapiError) return refusal(error);
      o.logger.error({ err: error, requestId: exchange.requestId }, 'a request failed');
      return refusal(
        new XapiError(500, 'INTERNAL', `The request failed here; its id is ${exchange.requestId}.`),
      );
    }
  }

  const server = createServer(
    // Of the whole request, pace.ts decides; Node of its head.
    { requestTimeout: 0, headersTimeout: o.requestMs, connectionsCheckingInterval: 1_000 },
    boundPipelining(answer),
  );
  const given = new Set<Socket>();

  /** Of connections that were given the server knows nothing when it is closed. */
  async function closeGiven(): Promise<void> {
    server.closeIdleConnections();
    await Promise.all([...given].map((socket) => new Promise((resolve) => socket.once('close', resolve))));
  }

  return {
    listen: (address) => listen(server, address),
    take(from) {
      // What bounds the time of requests begins with this event.
      server.emit('listening');
      from.takeConnections((socket) => {
        given.add(socket);
        socket.once('close', () => given.delete(socket));
        server.emit('connection', socket);
      });
    },
    async close(deadlineMs) {
      stopping = true;
      const closed = Promise.all([new Promise((resolve) => server.close(resolve)), closeGiven()]);
      const cut = setTimeout(() => {
        server.closeAllConnections();
      }, deadlineMs);
      await closed;
      pace.stop();
      clearTimeout(cut);
    },
  };
}

function isStream(body: Answer['body']): body is AsyncIterable<string | Uint8Array> {
  return typeof body === 'object' && Symbol.asyncIterator in body;
}

function refusal({ status, code, message, faults, headers }: XapiError): Answer {
  return { status, headers, body: JSON.stringify({ error: { code, message, faults } }) };
}

/**
 * Every answer says a version (Communication 3.3): to a request that named none it is that of the older standard, since
 * its clients came before there was another.
 */
function versionOf({ headers }: IncomingMessage): string {
  const asked = headers['x-experience-api-version'];
  if (asked === undefined || asked === '') return answeredVersion['1.0'];
  try {
    return answeredVersion[readVersion(asked)];
  } catch {
    return answeredVersion['2.0'];
  }
}

function requestIdOf({ headers }: IncomingMessage): string {
  const given = headers['x-request-id'];
  return typeof given === 'string' && /^[\w.:-]{1,100}$/.test(given) ? given : randomUUID();
}
