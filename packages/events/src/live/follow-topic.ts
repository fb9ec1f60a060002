import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from '@lyceum/service';
import { CursorExpiredError } from '../errors.ts';
import type { EventLog, LogRecord, TailOptions } from '../event-log.ts';

export interface Following {
  /** Resolves when records appended from then on are seen. */
  readonly ready: Promise<void>;
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
    for (let tail = first; ; tail = log.tail({ topic, from, signal })) {
      try {
        for await (const record of tail) {
          from = { cursor: record.cursor };
          await take(record);
        }
      } catch (error) {
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
