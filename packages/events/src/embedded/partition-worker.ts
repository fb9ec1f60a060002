import type { Logger } from '@lyceum/service';
import { deliver, type DeliverOptions } from '../deliver.ts';
import type { RecordBatch } from '../event-log.ts';
import { commit, type GroupMember } from './ownership.ts';
import { readRecords, type ReadLimits } from './read.ts';
import type { LogStore } from './store.ts';
import { selectPartition, type Topic } from './topics.ts';
import type { Watch } from './watch.ts';

/** Reads one partition for a member: batch after batch, each committed before the next is read. */
export interface PartitionWorker {
  /** Resolves when it has ended, by `stop` or because the partition went to another member. */
  readonly ended: Promise<void>;
  /** Lets the batch in hand be finished and committed, within the grace; then aborts its signal. */
  stop(): Promise<void>;
  /** The partition went to another member: aborts the signal of the batch in hand at once. */
  lose(): void;
}

export interface PartitionWorkerOptions {
  readonly store: LogStore;
  readonly watch: Watch;
  readonly member: GroupMember;
  readonly topic: Topic;
  readonly partition: number;
  /** The offset to read first. */
  readonly from: number;
  readonly limits: ReadLimits;
  readonly delivery: DeliverOptions;
  readonly logger: Logger;
}

const STOP_GRACE_MS = 5_000;

export function startPartitionWorker(options: PartitionWorkerOptions): PartitionWorker {
  const idle = new AbortController();
  const work = new AbortController();
  const ended = run(options, idle.signal, work.signal).catch((error: unknown) => {
    if (idle.signal.aborted) return;
    const { topic, partition, member } = options;
    // The member's next look at the group starts the partition anew.
    options.logger.error(
      { err: error, topic: topic.name, partition, group: member.group },
      'Reading the log failed',
    );
  });
  return {
    ended,
    stop: async () => {
      idle.abort();
      const grace = setTimeout(() => {
        work.abort();
      }, STOP_GRACE_MS);
      await ended;
      clearTimeout(grace);
    },
    lose: () => {
      idle.abort();
      work.abort();
    },
  };
}

async function run(
  options: PartitionWorkerOptions,
  stopping: AbortSignal,
  signal: AbortSignal,
): Promise<void> {
  const { store, watch, member, topic, partition, limits, delivery } = options;
  let next = options.from;
  while (!stopping.aborted) {
    store.refresh();
    next = skipTrimmed(options, next);
    const records = readRecords(store, topic, partition, next, limits);
    if (records.length === 0) {
      await watch.records(topic, new Map([[partition, next]]), stopping);
      continue;
    }
    const batch: RecordBatch = { topic: topic.name, partition, records, signal };
    await deliver(batch, delivery, stopping);
    next = Number(records.at(-1)?.offset) + 1;
    const mine = await commit(store, member, topic, partition, next);
    if (!mine) return;
  }
}

/** Retention does not wait for ever for a group. What was trimmed before it was read is counted and said. */
function skipTrimmed(
  { store, topic, partition, member, logger, delivery }: PartitionWorkerOptions,
  next: number,
) {
  const { start } = selectPartition(store, topic, partition);
  if (next >= start) return next;
  const skipped = start - next;
  delivery.metrics.skipped(topic.name, member.group, skipped);
  logger.error(
    { topic: topic.name, partition, group: member.group, offset: next, records: skipped },
    'Records were trimmed before this group had read them',
  );
  return start;
}
