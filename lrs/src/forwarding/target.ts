import type { Outward, OutwardAnswer, OutwardRequest } from '@lyceum/service';
import { OutwardError } from '@lyceum/service';
import type { ForwardingSetup } from '../store/statement-forwardings.ts';

/** The other store takes nothing now: it can't be reached, has no time, or does not let us in. */
export class TargetError extends Error {
  override name = 'TargetError';
  /** Whether trying again is of no use before somebody changes something. */
  readonly stopped: boolean;
  /** Whether it asked for a pause of this length. */
  readonly retryAfterMs: number | undefined;

  constructor(
    message: string,
    o: { stopped?: boolean; retryAfterMs?: number | undefined; cause?: unknown } = {},
  ) {
    super(message, { cause: o.cause });
    this.stopped = o.stopped ?? false;
    this.retryAfterMs = o.retryAfterMs;
  }
}

/** Why statements were not taken, in the other store's words. */
export interface TargetRefusal {
  readonly status: number;
  readonly reason: string;
}

/** What is sent in one request. */
export interface TargetBody {
  readonly contentType: string;
  readonly body: Buffer | AsyncIterable<Uint8Array>;
}

/** Another Learning Record Store, to which statements are sent. */
export interface Target {
  /** Null where it took all of them, else why it took none. @throws TargetError */
  post(statements: TargetBody): Promise<TargetRefusal | null>;
  /** Whether it speaks the version that is wanted, as far as it says which it speaks. @throws TargetError where not */
  checkVersion(): Promise<void>;
}

const answerMs = 60_000;
const longestPauseMs = 60 * 60_000;

/** It is about the statements: 400, 409 (Communication 2.1.2), too large, not processable. All others are about something else. */
const ofStatements = new Set([400, 409, 413, 422]);
const ofCredential = new Set([401, 403]);

export function createTarget(o: {
  outward: Outward;
  setup: Pick<ForwardingSetup, 'endpoint' | 'version' | 'key'>;
  secret: string;
  signal: AbortSignal;
}): Target {
  const { outward, setup, secret, signal } = o;
  const headers = {
    authorization: `Basic ${Buffer.from(`${setup.key}:${secret}`).toString('base64')}`,
    'x-experience-api-version': setup.version,
  };
  let checked: Promise<void> | undefined;

  async function ask(path: string, request: Omit<OutwardRequest, 'timeoutMs'>): Promise<OutwardAnswer> {
    try {
      return await outward.ask(`${setup.endpoint}${path}`, { ...request, timeoutMs: answerMs, signal });
    } catch (error) {
      if (error instanceof OutwardError) throw new TargetError(error.message, { cause: error });
      throw error;
    }
  }

  async function checkVersion(): Promise<void> {
    const answer = await ask('/about', {
      method: 'GET',
      headers: { 'x-experience-api-version': setup.version },
    });
    const versions = answer.status === 200 ? versionsOf(answer.text) : [];
    const family = setup.version.slice(0, 2);
    if (versions.length === 0 || versions.some((version) => version.startsWith(family))) return;
    throw new TargetError(`It speaks xAPI ${versions.join(', ')}, and not ${setup.version}.`, {
      stopped: true,
    });
  }

  return {
    async post({ contentType, body }) {
      const length = body instanceof Buffer ? { 'content-length': String(body.length) } : {};
      const all = { ...headers, ...length, 'content-type': contentType };
      const answer = await ask('/statements', { method: 'POST', headers: all, body });
      const { status } = answer;
      if (status >= 200 && status < 300) return null;
      if (ofStatements.has(status)) return { status, reason: wordsOf(answer) };
      throw targetError(answer);
    },

    checkVersion: () => (checked ??= checkVersion()),
  };
}

function targetError(answer: OutwardAnswer): TargetError {
  const { status } = answer;
  const words = `It answers ${String(status)}: ${wordsOf(answer)}`;
  if (ofCredential.has(status)) return new TargetError(words, { stopped: true });
  return new TargetError(words, { retryAfterMs: pauseOf(answer.headers['retry-after']) });
}

/** Seconds, or a date (RFC 9110, 10.2.3). */
function pauseOf(retryAfter: string | undefined): number | undefined {
  if (retryAfter === undefined) return undefined;
  const ms = /^\d{1,9}$/.test(retryAfter) ? Number(retryAfter) * 1000 : Date.parse(retryAfter) - Date.now();
  return Number.isNaN(ms) ? undefined : Math.min(Math.max(ms, 0), longestPauseMs);
}

function versionsOf(about: string): string[] {
  try {
    const { version } = JSON.parse(about) as { version?: unknown };
    return Array.isArray(version) ? version.filter((each) => typeof each === 'string') : [];
  } catch {
    return [];
  }
}

const longestWords = 500;

/** What it says, on one line and cut. It may quote the statement: addresses of people stay out. */
function wordsOf({ text }: OutwardAnswer): string {
  const line = text
    .replaceAll(/[^\s"'<>@]+@[^\s"'<>@]+/g, '…@…')
    .replaceAll(/[\s\p{Cc}]+/gu, ' ')
    .trim();
  return line === '' ? 'nothing is said' : line.slice(0, longestWords);
}
