import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from '@lyceum/service';
import type { DeliverOptions } from '../deliver.ts';
import type { ConsumeOptions, Consumer } from '../event-log.ts';
import type { Doorbell } from './doorbell.ts';
import type { Lease } from './lease.ts';
import * as ownership from './ownership.ts';
import { startPartitionWorker, type PartitionWorker } from './partition-worker.ts';
import type { LogStore } from './store.ts';
import { partitionsOf, type Topic } from './topics.ts';

export interface GroupConsumerOptions {
  readonly store: LogStore;
  readonly bell: Doorbell;
  readonly lease: Lease;
  readonly leaseMs: number;
  readonly topics: readonly Topic[];
  readonly consume: ConsumeOptions;
  readonly delivery: DeliverOptions;
  readonly logger: Logger;
}

interface Held {
  readonly topic: Topic;
  readonly partition: number;
  readonly worker: PartitionWorker;
  /** It has become another member's: it is let go of, and not taken anew before that is done. */
  leaving: boolean;
  /** Nobody reads it any more. It is still here where letting go of it failed. */
  ended: boolean;
}

/** A member of a group: keeps a worker on each partition that is its own, and lets go of those that are not. */
export async function startGroupConsumer(options: GroupConsumerOptions): Promise<Consumer> {
  const { store, bell, lease, consume, topics } = options;
  const member: ownership.GroupMember = {
    group: consume.group,
    id: randomUUID(),
    instance: lease.instance,
    topics: topics.map(({ name }) => name),
  };
  const stopping = new AbortController();
  const held = new Map<string, Held>();
  await lease.keep();
  await ownership.join(store, member, topics, consume.from ?? 'earliest');
  bell.ring();
  const tending = tendUntil(stopping.signal, options, member, held);
  return {
    stop: async () => {
      if (stopping.signal.aborted) return tending;
      stopping.abort();
      await tending;
      for (const each of held.values()) each.leaving = true;
      await Promise.all([...held.values()].map((each) => letGo(options, member, held, each)));
      await ownership.leave(store, member);
      bell.ring();
    },
  };
}

/** Looks at the group when it changed, and every second or so, so that a silent death is noticed. */
async function tendUntil(
  signal: AbortSignal,
  options: GroupConsumerOptions,
  member: ownership.GroupMember,
  held: Map<string, Held>,
): Promise<void> {
  while (!signal.aborted) {
    const heard = options.bell.heard();
    options.store.refresh();
    const seen = ownership.groupsVersion(options.store);
    try {
      await tend(options, member, held);
    } catch (error) {
      options.logger.error({ err: error, group: member.group }, 'The group could not be tended');
      await sleep(1_000, undefined, { signal }).catch(() => undefined);
    }
    await groupChange(options, seen, heard, signal);
  }
}

async function groupChange(
  { store, bell, leaseMs }: GroupConsumerOptions,
  seen: number,
  heardBefore: number,
  signal: AbortSignal,
): Promise<void> {
  const deadline = Date.now() + Math.min(leaseMs / 2, 1_000);
  let heard = heardBefore;
  while (!signal.aborted && Date.now() < deadline) {
    store.refresh();
    if (ownership.groupsVersion(store) !== seen) return;
    await bell.wait(heard, signal);
    heard = bell.heard();
  }
}

async function tend(
  options: GroupConsumerOptions,
  member: ownership.GroupMember,
  held: Map<string, Held>,
): Promise<void> {
  const { store, topics, consume } = options;
  await ownership.sweepDead(store);
  if (!ownership.isMember(store, member))
    await ownership.join(store, member, topics, consume.from ?? 'earliest');
  for (const topic of topics) {
    const mine = new Set(ownership.partitionsFor(store, member, topic));
    for (const partition of partitionsOf(topic)) {
      if (mine.has(partition)) await take(options, member, held, topic, partition);
      else dropStrange(options, member, held, topic, partition);
    }
  }
}

/** Lets go of what is another member's by now, without waiting for the batch in hand. */
function dropStrange(
  options: GroupConsumerOptions,
  member: ownership.GroupMember,
  held: Map<string, Held>,
  topic: Topic,
  partition: number,
): void {
  const { store, bell, logger } = options;
  const each = held.get(placeOf(topic, partition));
  if (each === undefined || each.leaving) return;
  if (!ownership.isOwner(store, member, topic, partition)) {
    each.worker.lose();
    return;
  }
  each.leaving = true;
  letGo(options, member, held, each)
    .catch((error: unknown) => {
      logger.error(
        { err: error, topic: topic.name, partition },
        'A partition was not released, trying again',
      );
      each.leaving = false;
    })
    .finally(() => {
      bell.ring();
    });
}

async function take(
  options: GroupConsumerOptions,
  member: ownership.GroupMember,
  held: Map<string, Held>,
  topic: Topic,
  partition: number,
): Promise<void> {
  const { store, consume, delivery, bell, logger } = options;
  const place = placeOf(topic, partition);
  const already = held.get(place);
  if (already !== undefined && (already.leaving || !already.ended)) {
    if (!ownership.isOwner(store, member, topic, partition)) already.worker.lose();
    return;
  }
  const from = await ownership.claim(store, member, topic, partition, consume.from ?? 'earliest');
  if (from === undefined) return;
  const limits = {
    maxRecords: consume.maxBatchRecords ?? 500,
    maxBytes: consume.maxBatchBytes ?? 4 * 2 ** 20,
  };
  const worker = startPartitionWorker({
    store,
    bell,
    member,
    topic,
    partition,
    from,
    limits,
    delivery,
    logger,
  });
  const each: Held = { topic, partition, worker, leaving: false, ended: false };
  held.set(place, each);
  void worker.ended.then(() => {
    each.ended = true;
    // Ended by itself: fenced off, or reading failed. The next look at the group takes it anew.
    if (!each.leaving) held.delete(place);
  });
}

async function letGo(
  { store }: GroupConsumerOptions,
  member: ownership.GroupMember,
  held: Map<string, Held>,
  { topic, partition, worker }: Held,
): Promise<void> {
  await worker.stop();
  await ownership.release(store, member, topic, partition);
  held.delete(placeOf(topic, partition));
}

function placeOf(topic: Topic, partition: number): string {
  return `${topic.name}/${partition}`;
}
