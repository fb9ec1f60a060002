import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from '@lyceum/service';
import { CursorExpiredError, EventLogClosedError } from '../errors.ts';
import type { EventLog, LogRecord, TailOptions } from '../event-log.ts';

export interface Following {
  /** Resolves when records appended from then on are seen. */
  readonly ready: Promise<unknown>;
  stop(): Promise<void>;
}

const pauseMs = 1_000;

/** Reads a topic from now on; where the log fails, on from where it was, after a pause. */
export function followTopic(options: {
  log: EventLog;
  topic: string;
  logger: Logger;
  take: (record: LogRecord) => Promise<void>;
}): Following {
  const { log, topic, logger, take } = options;
  const stopping = new AbortController();
  const { signal } = stopping;
  const first = log.tail({ topic, from: 'now', signal });

  async function run(): Promise<void> {
    let from: TailOptions['from'] = 'now';
    for (let again = false; ; again = true) {
      try {
        // What follows readiness was promised to subscribers, also where the tail fails before its first record.
        if (!again) from = { cursor: await first.ready };
        for await (const record of again ? log.tail({ topic, from, signal }) : first) {
          from = { cursor: record.cursor };
          await take(record);
        }
      } catch (error) {
        // Whoever closes the log before its readers ends them.
        if (error instanceof EventLogClosedError) return;
        if (error instanceof CursorExpiredError) from = 'now';
        logger.warn({ err: error, topic }, 'live events were interrupted, going on');
        await delay(pauseMs, undefined, { signal }).catch(() => undefined);
      }
      if (signal.aborted) return;
    }
  }

  const ended = run();
  return {
    ready: first.ready,
    async stop() {
      stopping.abort();
      await ended;
    },
  };
}
