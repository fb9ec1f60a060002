import { setTimeout as delay } from 'node:timers/promises';
import type { EventLog } from '@lyceum/events';
import type { Logger } from '@lyceum/service';
import { statementsTopic } from '@lyceum/xapi';
import type { ProgressTracker } from '../domain/ingest-progress.ts';

/** The group in which lrs-ingest reads the log. */
const ingestGroup = 'lrs-ingest';

const shortestPauseMs = 250;
const longestPauseMs = 2_000;

/** Of its time, looking may take a fiftieth: the embedded log answers at once, brokers over the network. */
const share = 50;

/** Looks again and again how far ingest is. Where the log does not answer, it is asked again. */
export function followIngest(o: {
  log: Pick<EventLog, 'positions'>;
  progress: ProgressTracker;
  logger: Logger;
}): {
  stop(): Promise<void>;
} {
  const stopping = new AbortController();
  const { signal } = stopping;

  async function look(): Promise<void> {
    const at = Date.now();
    try {
      o.progress.note(await o.log.positions({ group: ingestGroup, topic: statementsTopic }), at);
    } catch (error) {
      o.logger.debug({ err: error }, 'the log does not say how far ingest is');
    }
  }

  async function run(): Promise<void> {
    while (!signal.aborted) {
      const started = performance.now();
      await look();
      const pause = Math.min(
        Math.max((performance.now() - started) * share, shortestPauseMs),
        longestPauseMs,
      );
      await delay(pause, undefined, { signal, ref: false }).catch(() => undefined);
    }
  }

  const ended = run();
  return {
    stop() {
      stopping.abort();
      return ended;
    },
  };
}
