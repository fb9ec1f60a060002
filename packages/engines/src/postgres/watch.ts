import { setTimeout as delay } from 'node:timers/promises';
import { Client } from 'pg';

/** Who asks a server again and again whether it is there. */
export interface PostgresWatch {
  /** When it last answered, as performance.now() has it. */
  lastAnswerAt(): number;
  stop(): void;
}

export interface PostgresWatchOptions {
  readonly url: string;
  readonly everyMs: number;
  /** So long without an answer is too long: more than a recovery after a crash takes. */
  readonly silentMs: number;
  /** Called once. */
  readonly onSilent: () => void;
}

/**
 * A server may run and never answer again: one whose own processes were killed twice within seconds stayed "in recovery mode"
 * for good. Each question is a connection of its own, since those that there are may still be served.
 */
export function watchPostgres({ url, everyMs, silentMs, onSilent }: PostgresWatchOptions): PostgresWatch {
  const stopping = new AbortController();
  let answeredAt = performance.now();

  async function watch(): Promise<void> {
    while (!stopping.signal.aborted) {
      if (await answers(url, everyMs)) answeredAt = performance.now();
      else if (performance.now() - answeredAt > silentMs) break;
      await delay(everyMs, undefined, { signal: stopping.signal, ref: false }).catch(() => undefined);
    }
    if (!stopping.signal.aborted) onSilent();
  }

  void watch();
  return {
    lastAnswerAt: () => answeredAt,
    stop() {
      stopping.abort();
    },
  };
}

async function answers(connectionString: string, timeoutMs: number): Promise<boolean> {
  const client = new Client({
    connectionString,
    connectionTimeoutMillis: timeoutMs,
    query_timeout: timeoutMs,
    application_name: 'watch',
  });
  // Of a connection that breaks between two calls, the call tells.
  client.on('error', () => undefined);
  try {
    await client.connect();
    await client.query('SELECT 1');
    return true;
  } catch {
    return false;
  } finally {
    // A server that is gone says no goodbye.
    void client.end().catch(() => undefined);
  }
}
