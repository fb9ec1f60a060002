import type { ServerResponse } from 'node:http';
import type { FormattedExecutionResult, GraphQLFormattedError } from 'graphql';
import type { Transport } from './presence.ts';

/** How an answer is framed that stays open. */
export interface StreamFraming {
  readonly contentType: string;
  /** What an answer begins with. */
  readonly opening: string;
  /** Said from time to time, so that nothing between takes the connection for dead. */
  readonly keepAlive: string;
  readonly closing: string;
}

/** How the results of one operation are written on such an answer, and which requests want them so. */
export interface Framing extends StreamFraming {
  readonly transport: Transport;
  /** Whether a request that sends this `accept` wants this framing. */
  wantedBy(accept: string): boolean;
  result(result: FormattedExecutionResult): string;
  /** Why the stream ends although its source did not. */
  failure(errors: readonly GraphQLFormattedError[]): string;
}

/** An answer that stays open; its reader may leave at any time, also before it has begun. */
export interface HttpStream {
  /** Whether nothing more will be written: the reader left, or it was ended. */
  readonly over: boolean;
  /** Called once when it is over; at once where it is already. */
  onOver(listener: () => void): void;
  begin(requestId: string): void;
  /** Waits while the reader is slow, so that its events wait in the subscription's bounded queue. */
  write(frame: string): Promise<void>;
  /** Ends it with the closing; one that has not begun yet ends when it begins. */
  end(): void;
}

const keepAliveMs = 5_000;

/** @param stalledMs how long a reader may take nothing of what waits, before the connection is cut */
export function createHttpStream(
  response: ServerResponse,
  framing: StreamFraming,
  stalledMs = 30_000,
): HttpStream {
  const listeners: (() => void)[] = [];
  const waiting = new Set<() => void>();
  let begun = false;
  let ended = false;
  let keepAlive: NodeJS.Timeout | undefined;
  let stalled: NodeJS.Timeout | undefined;
  const isOver = () => ended || response.destroyed;

  function wake(): void {
    clearTimeout(stalled);
    stalled = undefined;
    for (const woken of waiting) woken();
    waiting.clear();
  }

  function settle(): void {
    clearInterval(keepAlive);
    wake();
    for (const listener of listeners.splice(0)) listener();
  }

  function close(): void {
    if (begun && !response.destroyed) response.end(framing.closing);
  }

  // One listener each for the life of the answer: a slow reader may be waited for a thousand times.
  response.on('drain', wake);
  response.once('close', settle);

  return {
    get over() {
      return isOver();
    },
    onOver(listener) {
      if (isOver()) listener();
      else listeners.push(listener);
    },
    begin(requestId) {
      if (response.destroyed) return;
      begun = true;
      response.writeHead(200, {
        'content-type': framing.contentType,
        'cache-control': 'no-store',
        'x-accel-buffering': 'no',
        'x-request-id': requestId,
      });
      response.flushHeaders();
      if (framing.opening) response.write(framing.opening);
      if (ended) {
        close();
        return;
      }
      keepAlive = setInterval(() => {
        if (!response.writableNeedDrain) response.write(framing.keepAlive);
      }, keepAliveMs);
    },
    async write(frame) {
      if (isOver() || response.write(frame)) return;
      stalled ??= setTimeout(() => response.destroy(), stalledMs);
      await new Promise<void>((woken) => waiting.add(woken));
    },
    end() {
      if (ended) return;
      ended = true;
      close();
      settle();
    },
  };
}
