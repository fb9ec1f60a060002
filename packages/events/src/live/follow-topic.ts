import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from '@lyceum/service';
import { CursorExpiredError, EventLogClosedError } from '../errors.ts';
import type { EventLog, LogRecord, TailStart } from '../event-log.ts';
import { createMilestone } from '../milestone.ts';
import { isMeantFor } from '../resent.ts';

export interface Following {
  /** Resolves when records appended from then on are seen. */
  readonly ready: Promise<unknown>;
  /** Resolves when what was in the topic at the beginning has been taken. */
  readonly caughtUp: Promise<void>;
  stop(): Promise<void>;
}

const pauseMs = 1_000;

/** Reads a topic from its start on; where the log fails, on from where it was, after a pause. */
export function followTopic(options: {
  log: EventLog;
  topic: string;
  logger: Logger;
  take: (record: LogRecord) => void | Promise<void>;
  /** Default: now. */
  start?: TailStart;
}): Following {
  const { log, topic, logger, take, start = 'now' } = options;
  const stopping = new AbortController();
  const { signal } = stopping;
  const caughtUp = createMilestone();
  const open = (from: TailStart) => {
    const tail = log.tail({ topic, from, signal });
    void tail.caughtUp.then(caughtUp.reach);
    return tail;
  };
  const first = open(start);

  async function run(): Promise<void> {
    let from = start;
    for (let again = false; ; again = true) {
      try {
        // What follows readiness was promised to subscribers, also where the tail fails before its first record.
        if (!again) from = { cursor: await first.ready };
        for await (const record of again ? open(from) : first) {
          from = { cursor: record.cursor };
          if (isMeantFor(record.headers)) await take(record);
        }
      } catch (error) {
        // Whoever closes the log before its readers ends them.
        if (error instanceof EventLogClosedError) return;
        if (error instanceof CursorExpiredError) from = start;
        logger.warn({ err: error, topic }, 'live events were interrupted, going on');
        await delay(pauseMs, undefined, { signal }).catch(() => undefined);
      }
      if (signal.aborted) return;
    }
  }

  const ended = run();
  return {
    ready: first.ready,
    caughtUp: caughtUp.reached,
    async stop() {
      stopping.abort();
      await ended;
    },
  };
}
