import { assertTopicName, settingsOf, type TopicSettingsByName } from '../topic-settings.ts';
import type { LogStore, PartitionEntry, TopicEntry } from './store.ts';

export interface Topic extends TopicEntry {
  readonly name: string;
}

export const emptyPartition: PartitionEntry = { start: 0, next: 0, bytes: 0 };

export function selectOptionalTopic(store: LogStore, name: string): Topic | undefined {
  const entry = store.topics.get(name);
  return entry === undefined ? undefined : { name, ...entry };
}

/** Finds the topic or makes it; only within `store.write`. */
export function ensureTopic(store: LogStore, name: string, settings: TopicSettingsByName): Topic {
  const found = selectOptionalTopic(store, name);
  if (found !== undefined) return found;
  const entry = { id: store.topics.getKeysCount() + 1, partitions: settingsOf(name, settings).partitions };
  store.topics.putSync(name, entry);
  return { name, ...entry };
}

/** As `ensureTopic`, on its own: without a write when the topic is there. */
export async function openTopic(
  store: LogStore,
  name: string,
  settings: TopicSettingsByName,
): Promise<Topic> {
  assertTopicName(name);
  store.refresh();
  return selectOptionalTopic(store, name) ?? (await store.write(() => ensureTopic(store, name, settings)));
}

export function selectPartition(store: LogStore, topic: Topic, partition: number): PartitionEntry {
  return store.partitions.get([topic.id, partition]) ?? emptyPartition;
}

export function partitionsOf(topic: Topic): number[] {
  return Array.from({ length: topic.partitions }, (_, partition) => partition);
}
