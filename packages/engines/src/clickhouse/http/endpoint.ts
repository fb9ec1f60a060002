import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Logger } from 'pino';
import { systemErrorCode } from '../../errors.ts';
import { portInUse, type PortWish } from '../../port.ts';
import type { QueryHandler } from './query-handler.ts';

/** The listening endpoint. */
export interface Endpoint {
  url: string;
  /**
   * Takes no new request; waits for running ones until `deadlineMs`, then cuts them off.
   *
   * @returns how many run even so
   */
  stop(deadlineMs: number): Promise<number>;
}

/** As a server's http_max_uri_size. */
const MAX_HEAD_BYTES = 1024 * 1024;
const KEEP_ALIVE_MS = 30_000;
/** A target has no origin of its own; which one it is resolved against does not matter. */
const BASE = 'http://localhost';
/** What cut-off queries get to notice it. */
const CUT_OFF_MS = 1_500;

/**
 * Listens, and routes as a ClickHouse server does. Whatever goes wrong with one request ends that request alone: a
 * rejection or an 'error' event that nobody hears would end the process, and the engine with it.
 *
 * @throws EngineError `PORT_IN_USE`
 */
export async function startEndpoint(
  wish: PortWish,
  handler: QueryHandler,
  logger: Logger,
): Promise<Endpoint> {
  const running = new Set<Promise<void>>();
  const server = createServer({
    maxHeaderSize: MAX_HEAD_BYTES,
    keepAliveTimeout: KEEP_ALIVE_MS,
    requestTimeout: 0,
  });
  server.on('request', (message: IncomingMessage, response: ServerResponse) => {
    response.on('error', (err) => {
      logger.debug({ err }, 'an answer did not reach its client');
    });
    const work = respond(message, response, handler)
      .catch((err: unknown) => {
        logger.error({ err }, 'a request failed');
        response.destroy();
      })
      .finally(() => running.delete(work));
    running.add(work);
  });
  await listen(server, wish);
  server.on('error', (err) => {
    logger.error({ err }, 'a connection was not accepted');
  });
  return { url: urlOf(server, wish.host), stop: (deadlineMs) => stop(server, running, deadlineMs) };
}

async function respond(
  message: IncomingMessage,
  response: ServerResponse,
  handler: QueryHandler,
): Promise<void> {
  const target = message.url ?? '/';
  // No URL is `//`, for one, or `http://[`: anybody can send that.
  if (!URL.canParse(target, BASE)) {
    sendPlain(response, 400, 'Bad Request\n');
    return;
  }
  const url = new URL(target, BASE);
  const answer = answerWithoutQuery(message.method ?? '', url);
  if (answer === undefined) await handler(message, response, url.searchParams);
  else sendPlain(response, answer.status, answer.text);
}

function answerWithoutQuery(method: string, url: URL): { status: number; text: string } | undefined {
  const isRoot = url.pathname === '/' || url.pathname === '/query';
  if (!['GET', 'HEAD', 'POST'].includes(method)) return { status: 405, text: 'Method Not Allowed\n' };
  if (url.pathname === '/ping' || url.pathname === '/replicas_status') return { status: 200, text: 'Ok.\n' };
  if (!isRoot) return { status: 404, text: noHandler(url.pathname) };
  return method === 'POST' || url.searchParams.has('query') ? undefined : { status: 200, text: 'Ok.\n' };
}

function sendPlain(response: ServerResponse, status: number, text: string): void {
  const type = status === 200 ? 'text/html; charset=UTF-8' : 'text/plain; charset=UTF-8';
  response.writeHead(status, { 'Content-Type': type, 'Content-Length': Buffer.byteLength(text) });
  response.end(text);
}

// The server's own words.
function noHandler(pathname: string): string {
  return (
    `There is no handle ${pathname}\n\nUse / or /ping for health checks.\nOr /replicas_status for more sophisticated ` +
    'health checks.\n\nSend queries from your program with POST method or GET /?query=...\n'
  );
}

async function listen(server: Server, wish: PortWish): Promise<void> {
  server.listen({ host: wish.host, port: wish.port });
  try {
    await once(server, 'listening');
  } catch (error) {
    throw systemErrorCode(error) === 'EADDRINUSE' ? await portInUse(wish) : error;
  }
}

function urlOf(server: Server, host: string): string {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('a TCP server has no TCP address');
  const name = host.includes(':') ? `[${host}]` : host;
  return `http://${name}:${address.port}`;
}

async function stop(
  server: Server,
  running: ReadonlySet<Promise<void>>,
  deadlineMs: number,
): Promise<number> {
  server.close();
  server.closeIdleConnections();
  await settled(running, deadlineMs);
  server.closeAllConnections();
  await settled(running, CUT_OFF_MS);
  return running.size;
}

async function settled(running: ReadonlySet<Promise<void>>, withinMs: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const deadline = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, withinMs);
  });
  await Promise.race([Promise.allSettled(running), deadline]);
  clearTimeout(timer);
}
