import { isLiving } from './lease.ts';
import type { LogStore } from './store.ts';
import { selectPartition, type Topic } from './topics.ts';

/**
 * Who works on which partition of a group. There is no leader: every member computes the same assignment from the
 * same list of living members, gives up what is no longer its own once the work in hand is done, and takes what is
 * its own as soon as nobody living holds it. A partition's owner alone may commit: that fences off a member that
 * was believed dead.
 */
export interface GroupMember {
  readonly group: string;
  readonly id: string;
  readonly instance: string;
  readonly topics: readonly string[];
}

function changeGroup(store: LogStore, group: string): void {
  store.marks.putSync(`version of ${group}`, groupVersion(store, group) + 1);
}

/** Grows with each change of who is in the group, or of what is free to be taken. */
export function groupVersion(store: LogStore, group: string): number {
  return store.marks.get(`version of ${group}`) ?? 0;
}

/** Where the group begins is settled when its first member joins: what is appended after that counts as its lag. */
export async function join(
  store: LogStore,
  { group, id, instance, topics: names }: GroupMember,
  topics: readonly Topic[],
  from: 'earliest' | 'latest',
): Promise<void> {
  await store.write(() => {
    store.members.putSync([group, id], { instance, topics: names });
    for (const topic of topics) {
      for (let partition = 0; partition < topic.partitions; partition += 1) {
        beginningOf(store, group, topic, partition, from);
      }
    }
    changeGroup(store, group);
  });
}

export async function leave(store: LogStore, { group, id }: GroupMember): Promise<void> {
  await store.write(() => {
    store.members.removeSync([group, id]);
    changeGroup(store, group);
  });
}

export function isMember(store: LogStore, { group, id }: GroupMember): boolean {
  return store.members.doesExist([group, id]);
}

/** The partitions of a topic that are this member's, given who is alive. */
export function partitionsFor(store: LogStore, member: GroupMember, topic: Topic): number[] {
  const ids = livingMembers(store, member.group, topic.name);
  const partitions = Array.from({ length: topic.partitions }, (_, partition) => partition);
  // The topic's id shifts the start, so that topics of few partitions do not all fall to the first member.
  return partitions.filter((partition) => ids[(partition + topic.id) % ids.length] === member.id);
}

function livingMembers(store: LogStore, group: string, topic: string): string[] {
  return [...store.members.getRange({ start: [group, ''], end: [group, '\uffff'] })]
    .filter(({ value }) => value.topics.includes(topic) && isLiving(store, value.instance))
    .map(({ key }) => key[1]);
}

/** A partition of a topic. */
export interface Place {
  readonly topic: Topic;
  readonly partition: number;
}

/** Takes those that no living member holds. Gives for each the offset to read next; undefined where it was not taken. */
export async function claim(
  store: LogStore,
  { group, id }: GroupMember,
  places: readonly Place[],
  from: 'earliest' | 'latest',
): Promise<(number | undefined)[]> {
  return store.write(() =>
    places.map(({ topic, partition }) => {
      const owner = store.owners.get([group, topic.name, partition]) ?? '';
      if (owner !== '' && owner !== id && isOwnerLiving(store, group, owner)) return undefined;
      store.owners.putSync([group, topic.name, partition], id);
      return beginningOf(store, group, topic, partition, from);
    }),
  );
}

/** The offset that the group has committed; in its absence the first one, which is committed now. */
function beginningOf(
  store: LogStore,
  group: string,
  topic: Topic,
  partition: number,
  from: 'earliest' | 'latest',
): number {
  const committed = store.offsets.get([group, topic.name, partition]);
  if (committed !== undefined) return committed;
  const { start, next } = selectPartition(store, topic, partition);
  const first = from === 'latest' ? next : start;
  store.offsets.putSync([group, topic.name, partition], first);
  return first;
}

function isOwnerLiving(store: LogStore, group: string, owner: string): boolean {
  const member = store.members.get([group, owner]);
  return member !== undefined && isLiving(store, member.instance);
}

export function isOwner(
  store: LogStore,
  { group, id }: GroupMember,
  topic: Topic,
  partition: number,
): boolean {
  return store.owners.get([group, topic.name, partition]) === id;
}

export async function release(
  store: LogStore,
  member: GroupMember,
  topic: Topic,
  partition: number,
): Promise<void> {
  await store.write(() => {
    if (!isOwner(store, member, topic, partition)) return;
    store.owners.putSync([member.group, topic.name, partition], '');
    changeGroup(store, member.group);
  });
}

/** False when the partition has gone to another member: nothing was committed then. */
export async function commit(
  store: LogStore,
  member: GroupMember,
  topic: Topic,
  partition: number,
  next: number,
): Promise<boolean> {
  return store.write(() => {
    if (!isOwner(store, member, topic, partition)) return false;
    store.offsets.putSync([member.group, topic.name, partition], next);
    return true;
  });
}

/** Forgets processes that died, and their members. */
export async function sweepDead(store: LogStore): Promise<void> {
  const dead = [...store.instances.getKeys()].filter((instance) => !isLiving(store, instance));
  if (dead.length === 0) return;
  await store.write(() => {
    for (const instance of dead.filter((candidate) => !isLiving(store, candidate))) {
      store.instances.removeSync(instance);
    }
    const members = [...store.members.getRange()].filter(
      ({ value }) => !store.instances.doesExist(value.instance),
    );
    for (const { key } of members) store.members.removeSync(key);
    for (const group of new Set(members.map(({ key }) => key[0]))) changeGroup(store, group);
  });
}
