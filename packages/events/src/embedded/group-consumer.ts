import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from '@lyceum/service';
import type { DeliverOptions } from '../deliver.ts';
import type { ConsumeOptions, Consumer } from '../event-log.ts';
import type { Lease } from './lease.ts';
import * as ownership from './ownership.ts';
import { startPartitionWorker, type PartitionWorker } from './partition-worker.ts';
import type { LogStore } from './store.ts';
import { partitionsOf, type Topic } from './topics.ts';
import type { Watch } from './watch.ts';

export interface GroupConsumerOptions {
  readonly store: LogStore;
  readonly watch: Watch;
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
  const { store, watch, lease, consume, topics } = options;
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
  watch.announce();
  const tending = tendUntil(stopping.signal, options, member, held);
  return {
    stop: async () => {
      if (stopping.signal.aborted) return tending;
      stopping.abort();
      await tending;
      for (const each of held.values()) each.leaving = true;
      await Promise.all([...held.values()].map((each) => letGo(options, member, held, each)));
      await ownership.leave(store, member);
      watch.announce();
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
    options.store.refresh();
    const seen = ownership.groupVersion(options.store, member.group);
    try {
      await tend(options, member, held);
    } catch (error) {
      options.logger.error({ err: error, group: member.group }, 'The group could not be tended');
      await sleep(1_000, undefined, { signal }).catch(() => undefined);
    }
    await options.watch.group(member.group, seen, Math.min(options.leaseMs / 2, 1_000), signal);
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
  const wanted: ownership.Place[] = [];
  for (const topic of topics) {
    const mine = new Set(ownership.partitionsFor(store, member, topic));
    for (const partition of partitionsOf(topic)) {
      if (!mine.has(partition)) dropStrange(options, member, held, topic, partition);
      else if (!holds(options, member, held, topic, partition)) wanted.push({ topic, partition });
    }
  }
  await take(options, member, held, wanted);
}

/** Lets go of what is another member's by now, without waiting for the batch in hand. */
function dropStrange(
  options: GroupConsumerOptions,
  member: ownership.GroupMember,
  held: Map<string, Held>,
  topic: Topic,
  partition: number,
): void {
  const { store, watch, logger } = options;
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
      watch.announce();
    });
}

/** Whether nothing is to be done to have a partition that is the member's. */
function holds(
  { store }: GroupConsumerOptions,
  member: ownership.GroupMember,
  held: Map<string, Held>,
  topic: Topic,
  partition: number,
): boolean {
  const each = held.get(placeOf(topic, partition));
  if (each === undefined || (each.ended && !each.leaving)) return false;
  if (!ownership.isOwner(store, member, topic, partition)) each.worker.lose();
  return true;
}

/** Takes what nobody else holds of them, in one write: a system that starts takes some two hundred. */
async function take(
  options: GroupConsumerOptions,
  member: ownership.GroupMember,
  held: Map<string, Held>,
  places: readonly ownership.Place[],
): Promise<void> {
  if (places.length === 0) return;
  const from = await ownership.claim(options.store, member, places, options.consume.from ?? 'earliest');
  for (const [index, place] of places.entries()) {
    const first = from[index];
    if (first !== undefined) hold(options, member, held, place, first);
  }
}

function hold(
  { store, watch, consume, delivery, logger }: GroupConsumerOptions,
  member: ownership.GroupMember,
  held: Map<string, Held>,
  { topic, partition }: ownership.Place,
  from: number,
): void {
  const limits = {
    maxRecords: consume.maxBatchRecords ?? 500,
    maxBytes: consume.maxBatchBytes ?? 4 * 2 ** 20,
  };
  const worker = startPartitionWorker({
    store,
    watch,
    member,
    topic,
    partition,
    from,
    limits,
    delivery,
    logger,
  });
  const place = placeOf(topic, partition);
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
