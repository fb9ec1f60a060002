import type { Logger } from '@lyceum/service';
import { deliver, type DeliverOptions } from '../deliver.ts';
import type { RecordBatch } from '../event-log.ts';
import { commit, isOwner, type GroupMember } from './ownership.ts';
import { readRecords, type ReadLimits } from './read.ts';
import type { LogStore } from './store.ts';
import { selectPartition, type Topic } from './topics.ts';
import type { Watch } from './watch.ts';

/** Reads one partition for a member: batch after batch, each committed before the next but one is read. */
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
  const commits = commitBehind(options);
  const over = AbortSignal.any([stopping, commits.refused]);
  let next = options.from;
  while (!over.aborted) {
    store.refresh();
    if (!isOwner(store, member, topic, partition)) break;
    next = skipTrimmed(options, next);
    const records = readRecords(store, topic, partition, next, limits);
    if (records.length === 0) {
      await watch.records(topic, new Map([[partition, next]]), over);
      continue;
    }
    const batch: RecordBatch = { topic: topic.name, partition, records, signal };
    await deliver(batch, delivery, stopping);
    next = Number(records.at(-1)?.offset) + 1;
    await commits.upTo(next);
  }
  await commits.settled();
}

/**
 * Commits while the next batch is in hand: a commit waits for the disk and for the writes of all processes, which would
 * be most of a small batch's time.
 */
function commitBehind({ store, member, topic, partition }: PartitionWorkerOptions) {
  const refused = new AbortController();
  let last: Promise<void> = Promise.resolve();

  async function commitNow(next: number): Promise<void> {
    try {
      if (!(await commit(store, member, topic, partition, next))) refused.abort();
    } catch (error) {
      refused.abort();
      throw error;
    }
  }

  return {
    /** Aborted when the partition is another member's, or a commit failed. */
    refused: refused.signal,
    /** Resolves when the commit before this one is done. */
    async upTo(next: number): Promise<void> {
      await last;
      last = commitNow(next);
      // Whoever waits for it, next or at the end, is told.
      last.catch(() => undefined);
    },
    settled: () => last,
  };
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
