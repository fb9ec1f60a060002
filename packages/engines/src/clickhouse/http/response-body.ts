import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import type { Transform, Writable } from 'node:stream';

/** The body of a response whose head is out. Nothing here rejects: a client that has gone wants nothing more. */
export interface ResponseBody {
  /** Resolves when more is wanted. */
  write(chunk: Buffer): Promise<void>;
  /** Resolves when the client has everything. */
  end(chunk: Buffer): Promise<void>;
  /** Sends a last text, then closes the connection without the body's proper end, so that nobody takes it for whole. */
  breakOff(text: string): void;
}

/** The body of `response`, through `encoder` if there is one. */
export function openBody(response: ServerResponse, encoder: Transform | undefined): ResponseBody {
  const body: Writable = encoder ?? response;
  encoder?.pipe(response, { end: false });
  return {
    write: (chunk) => (body.write(chunk) || response.destroyed ? Promise.resolve() : drained(body, response)),
    async end(chunk) {
      if (response.destroyed) return;
      encoder?.once('end', () => response.end());
      body.end(chunk);
      if (!response.writableFinished) await once(response, 'close');
    },
    breakOff(text) {
      const cut = (): void => response.socket?.destroySoon();
      if (encoder === undefined) response.write(text, cut);
      else encoder.once('end', cut).end(text);
    },
  };
}

function drained(body: Writable, response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const settle = (): void => {
      body.off('drain', settle);
      response.off('close', settle);
      resolve();
    };
    body.once('drain', settle);
    response.once('close', settle);
  });
}
