import type { IncomingMessage, ServerResponse } from 'node:http';
import { essenceOf } from './media-type.ts';
import { refusals } from './xapi-error.ts';

/** How long clients may take to send what they have announced. */
export interface Pace {
  /** Watches a request from here on, until it has come whole or its connection is gone. */
  watch(request: IncomingMessage, response: ServerResponse): void;
  /** It has been answered. */
  forget(request: IncomingMessage): void;
  stop(): void;
}

export interface PaceOptions {
  /** For one request, whatever is in it. */
  readonly requestMs: number;
  /** A body in parts, which is streamed to files, has a second more for so many bytes of it that have come. */
  readonly bytesPerSecond: number;
}

interface Watched {
  readonly response: ServerResponse;
  readonly since: number;
  readonly bytesBefore: number;
  readonly isStreamed: boolean;
}

const everyMs = 500;

/**
 * Cuts off who takes too long, with 408: Node's own limit is one for all requests, and long uploads are honest where
 * memory does not wait for them. One timer for all: a timer each would cost every statement.
 */
export function createPace({ requestMs, bytesPerSecond }: PaceOptions): Pace {
  const watched = new Map<IncomingMessage, Watched>();

  const allowedMs = ({ isStreamed, bytesBefore }: Watched, bytesNow: number) =>
    requestMs + (isStreamed ? ((bytesNow - bytesBefore) / bytesPerSecond) * 1_000 : 0);

  function look(): void {
    const now = performance.now();
    for (const [request, each] of watched) {
      if (request.complete || request.destroyed) watched.delete(request);
      else if (now - each.since > allowedMs(each, request.socket.bytesRead)) {
        watched.delete(request);
        cutOff(request, each.response);
      }
    }
  }

  const timer = setInterval(look, Math.min(everyMs, requestMs)).unref();
  return {
    watch(request, response) {
      const { headers, socket } = request;
      if (headers['content-length'] === undefined && headers['transfer-encoding'] === undefined) return;
      watched.set(request, {
        response,
        since: performance.now(),
        bytesBefore: socket.bytesRead,
        isStreamed: essenceOf(headers['content-type'] ?? '') === 'multipart/mixed',
      });
    },
    forget(request) {
      if (request.complete) watched.delete(request);
    },
    stop: () => {
      clearInterval(timer);
    },
  };
}

/** Where an answer is on its way already, there is nothing more to say. */
function cutOff({ socket }: IncomingMessage, response: ServerResponse): void {
  if (!response.headersSent && socket.writable) socket.write(tooSlow());
  socket.destroySoon();
}

/** By hand: whoever answers the request waits for the rest of it. */
function tooSlow(): string {
  const { code, message } = refusals.tooSlow();
  const body = JSON.stringify({ error: { code, message, faults: [] } });
  const headers = [
    'connection: close',
    'content-type: application/json',
    `content-length: ${String(body.length)}`,
  ];
  return `HTTP/1.1 408 Request Timeout\r\n${headers.join('\r\n')}\r\n\r\n${body}`;
}
