import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { ClickHouseClient } from '@clickhouse/client';
import type { EventLog } from '@lyceum/events';
import {
  createForwardingCredentials,
  createOutward,
  startRepeating,
  type Logger,
  type Metrics,
} from '@lyceum/service';
import type { AttachmentStore } from '../attachments/attachment-store.ts';
import { createMultipartAnswers } from '../receive/multipart-answer.ts';
import type { Database } from '../store/store.ts';
import { createForwardingMetrics } from './forwarding-metrics.ts';
import { createForwardingWorker, leaseMs } from './forwarding-worker.ts';
import { createNextStatements } from './next-statements.ts';
import { consumeForwardings } from './on-forwarding-updated.ts';
import { createReadThrough } from './read-through.ts';

export interface ForwardingOptions {
  readonly log: EventLog;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly store: Database;
  readonly clickHouse: ClickHouseClient;
  readonly attachments: AttachmentStore;
  readonly untilIngested: (signal: AbortSignal) => Promise<void>;
  /** KEY_ENCRYPTION_SECRET */
  readonly secret: string;
  /** STORE_FORWARDING_ALLOW_PRIVATE */
  readonly privateAddresses: boolean;
}

/** Forwardings that one process is at, at a time. */
const atOnce = 4;
const lookEveryMs = 500;

/** Nobody is left without news of a forwarding for longer. */
const silenceMs = 30_000;
const toldAtOnce = 50;

/** Forwards statements to other stores, until it is stopped (docs/decisions/0033). */
export async function startForwarding(o: ForwardingOptions): Promise<{ stop(): Promise<void> }> {
  const { log, logger, store, clickHouse } = o;
  const worker = randomUUID();
  const metrics = createForwardingMetrics(o.metrics);
  const outward = createOutward({ privateAddresses: o.privateAddresses });
  const forwarding = createForwardingWorker({
    ...{ store, logger, worker, outward },
    metrics,
    next: createNextStatements(clickHouse, store.erasedPeople.selectSince),
    readThrough: createReadThrough({ receivers: store.receivers, untilIngested: o.untilIngested }),
    credentials: await createForwardingCredentials(o.secret),
    multipart: createMultipartAnswers({ attachments: store.attachments, store: o.attachments }),
  });
  const consumer = await consumeForwardings({ log, logger, store });
  const stopping = new AbortController();
  const working = workUntil(stopping.signal, {
    store,
    logger,
    worker,
    turn: (taken, signal) => forwarding.turn(taken, signal),
  });
  const news = startRepeating(
    [{ name: 'telling of forwardings', everyMs: silenceMs / 6, run: tellAll }],
    logger,
  );

  async function tellAll(): Promise<void> {
    metrics.forgetOld(3 * silenceMs);
    for (const id of await store.statementForwardings.takeManyUntold(silenceMs, toldAtOnce)) {
      await forwarding.tell(id);
    }
  }

  return {
    async stop() {
      stopping.abort();
      await consumer.stop();
      await news.stop();
      await working;
      outward.close();
    },
  };
}

type Turn = ReturnType<typeof createForwardingWorker>['turn'];

/** Takes what is due as long as there is room, and waits for what is under way at the end. */
async function workUntil(
  signal: AbortSignal,
  { store, logger, worker, turn }: { store: Database; logger: Logger; worker: string; turn: Turn },
): Promise<void> {
  const underWay = new Set<Promise<void>>();

  async function takeOne(): Promise<boolean> {
    if (underWay.size >= atOnce) return false;
    const taken = await store.statementForwardings.lease(worker, leaseMs);
    if (taken === undefined) return false;
    const one = turn(taken, signal)
      .catch((error: unknown) => {
        logger.warn(
          { err: error, forwarding: taken.id },
          'a turn of a forwarding failed, and is tried again',
        );
      })
      .finally(() => underWay.delete(one));
    underWay.add(one);
    return true;
  }

  while (!signal.aborted) {
    const isTaken = await takeOne().catch((error: unknown) => {
      logger.warn({ err: error }, 'forwardings can not be looked for, and are again');
      return false;
    });
    if (!isTaken) await delay(lookEveryMs, undefined, { signal, ref: false }).catch(() => undefined);
  }
  await Promise.all(underWay);
}
