import { randomUUID } from 'node:crypto';
import type { Logger } from '@lyceum/service';
import { EventLogClosedError } from '../errors.ts';
import type {
  AppendRecord,
  ConsumeOptions,
  Consumer,
  EventLog,
  PartitionLag,
  PartitionPosition,
  TailOptions,
} from '../event-log.ts';
import type { LogMetrics } from '../log-metrics.ts';
import type { TopicSettingsByName } from '../topic-settings.ts';
import { appendRecords } from './append.ts';
import { createEmbeddedClaims } from './claims/claims.ts';
import { startGroupConsumer } from './group-consumer.ts';
import { createLease } from './lease.ts';
import { untilPassed } from '../passed.ts';
import { keepTrimming } from './retention.ts';
import { acquireStore } from './shared-store.ts';
import type { LogStore } from './store.ts';
import { createTail } from './tail.ts';
import { openTopic, partitionsOf, selectOptionalTopic, selectPartition } from './topics.ts';

export interface EmbeddedLogOptions {
  /** Made if missing. Shared by the processes of one machine; not on a network file system. */
  readonly directory: string;
  readonly logger: Logger;
  readonly metrics: LogMetrics;
  readonly settings?: TopicSettingsByName;
  /** How long a member may be silent before others take its partitions. */
  readonly leaseMs?: number;
  readonly trimEveryMs?: number;
  /** See claims/claims.ts. */
  readonly recentClaims?: number;
}

/** The event log of one machine, in files that its processes share. */
export function createEmbeddedLog(options: EmbeddedLogOptions): EventLog {
  const { directory, logger, metrics, settings = {}, leaseMs = 5_000, trimEveryMs = 60_000 } = options;
  const claimOptions = options.recentClaims === undefined ? {} : { recentLimit: options.recentClaims };
  const { store, watch, release } = acquireStore(directory);
  const lease = createLease({ store, instance: randomUUID(), leaseMs, logger });
  const closing = new AbortController();
  const consumers = new Map<Consumer, string>();
  const trimming = keepTrimming({ store, everyMs: trimEveryMs, logger, signal: closing.signal });

  async function append(records: Parameters<EventLog['append']>[0]): Promise<void> {
    assertOpen();
    if (records.length === 0) return;
    await appendRecords(store, settings, records);
    watch.announce();
    metrics.appended(records);
  }

  async function consume(consumeOptions: ConsumeOptions): Promise<Consumer> {
    assertOpen();
    const { group, handle } = consumeOptions;
    const topics = await Promise.all(consumeOptions.topics.map((name) => openTopic(store, name, settings)));
    const delivery = { group, handle, append, logger, metrics };
    const started = await startGroupConsumer({
      store,
      watch,
      lease,
      leaseMs,
      topics,
      consume: consumeOptions,
      delivery,
      logger,
    });
    const consumer = { stop: () => started.stop().finally(() => consumers.delete(consumer)) };
    consumers.set(consumer, group);
    return consumer;
  }

  let closed: Promise<void> | undefined;
  async function close(): Promise<void> {
    await Promise.all([...consumers.keys()].map((consumer) => consumer.stop()));
    closing.abort();
    await trimming;
    await lease.close();
    await release();
  }

  function assertOpen(): void {
    if (closing.signal.aborted) throw new EventLogClosedError();
  }

  const lag = (group: string) => Promise.resolve(lagOf(store, group));
  metrics.observeLag(() => new Set(consumers.values()), lag);
  const onAppended = (record: AppendRecord) => {
    watch.announce();
    metrics.appended([record]);
  };
  return {
    append,
    claims: createEmbeddedClaims({ store, settings, onAppended, ...claimOptions }),
    consume,
    tail: (tailOptions: TailOptions) => {
      assertOpen();
      const signal = AbortSignal.any([tailOptions.signal, closing.signal]);
      return createTail({
        ...tailOptions,
        signal,
        store,
        watch,
        openTopic: () => openTopic(store, tailOptions.topic, settings),
      });
    },
    lag,
    positions: ({ group, topic }) => Promise.resolve(positionsOf(store, group, topic)),
    passed: ({ group, topic, signal }) =>
      untilPassed(
        () => Promise.resolve(positionsOf(store, group, topic)),
        AbortSignal.any([signal, closing.signal]),
      ),
    check: async () => {
      assertOpen();
      await store.write(() => undefined);
    },
    close: () => (closed ??= close()),
  };
}

function lagOf(store: LogStore, group: string): PartitionLag[] {
  store.refresh();
  const offsets = [...store.offsets.getRange({ start: [group, '', 0], end: [group, '\uffff', 0] })];
  return offsets.flatMap(({ key: [, name, partition], value }) => {
    const topic = selectOptionalTopic(store, name);
    if (topic === undefined) return [];
    const { start, next } = selectPartition(store, topic, partition);
    const committed = Math.max(value, start);
    return [{ topic: name, partition, lag: Math.max(next - committed, 0), committed }];
  });
}

function positionsOf(store: LogStore, group: string, name: string): PartitionPosition[] {
  store.refresh();
  const topic = selectOptionalTopic(store, name);
  if (topic === undefined) return [];
  return partitionsOf(topic).map((partition) => {
    const { start, next, bytes } = selectPartition(store, topic, partition);
    const committed = store.offsets.get([group, name, partition]);
    return {
      partition,
      start: BigInt(start),
      end: BigInt(next),
      committed: committed === undefined ? undefined : BigInt(committed),
      bytes,
    };
  });
}
