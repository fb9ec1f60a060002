import { setTimeout as delay } from 'node:timers/promises';

/** An answer that came whole. */
export interface Reply {
  readonly status: number;
  readonly text: string;
  readonly headers: Headers;
  /** Of a refusal. */
  readonly code: string | undefined;
}

/** Sends one request; null where no whole answer came. */
export type Send = (
  method: string,
  path: string,
  o?: { body?: string | Uint8Array; headers?: Readonly<Record<string, string>> },
) => Promise<Reply | null>;

/** What became of a request, as far as who sent it may know. */
export type Fate = 'ACCEPTED' | 'REFUSED' | 'UNKNOWN';

/** Longer than the LRS waits for a broker. */
const patienceMs = 60_000;
const pauseMs = 200;

export function createSend(o: { url: string; headers: Readonly<Record<string, string>> }): Send {
  return async (method, path, { body, headers } = {}) => {
    try {
      const response = await fetch(`${o.url}${path}`, {
        method,
        headers: { 'content-type': 'application/json', ...o.headers, ...headers },
        ...(body !== undefined && { body: body as string }),
        signal: AbortSignal.timeout(patienceMs),
      });
      const text = await response.text();
      const code = /"error":\{"code":"(\w+)"/.exec(text)?.[1];
      return { status: response.status, text, headers: response.headers, code };
    } catch {
      // Nobody asks a store that is down as fast as it refuses.
      await delay(pauseMs);
      return null;
    }
  };
}

/** 503 `UNAVAILABLE` says that nobody knows; any other refusal, that nothing of the request was stored (docs/lrs.md). */
export function fateOf(reply: Reply | null): Fate {
  if (reply === null) return 'UNKNOWN';
  if (reply.status < 300) return 'ACCEPTED';
  return reply.code === 'UNAVAILABLE' || reply.status === 500 ? 'UNKNOWN' : 'REFUSED';
}

/** Whether to come again with the same: no answer, or 503. */
export function isToComeAgain(reply: Reply | null): boolean {
  return reply === null || reply.status === 503 || reply.status === 500;
}
