import {
  assertTopicName,
  settingsOf,
  type TopicSettings,
  type TopicSettingsByName,
} from '../topic-settings.ts';
import type { LogStore, PartitionEntry, TopicEntry } from './store.ts';

export interface Topic extends TopicEntry {
  readonly name: string;
}

export const emptyPartition: PartitionEntry = { start: 0, next: 0, bytes: 0 };

export function selectOptionalTopic(store: LogStore, name: string): Topic | undefined {
  const entry = store.topics.get(name);
  return entry === undefined ? undefined : { name, ...entry };
}

/** Finds the topic or makes it, and gives it the retention that `byName` asks for; only within `store.write`. */
export function ensureTopic(store: LogStore, name: string, byName: TopicSettingsByName): Topic {
  const found = selectOptionalTopic(store, name);
  if (found !== undefined && isAsAsked(found, byName[name])) return found;
  const id = found?.id ?? store.topics.getKeysCount() + 1;
  const settings = settingsOf(name, byName);
  const entry = { id, ...settings, partitions: found?.partitions ?? settings.partitions };
  store.topics.putSync(name, entry);
  return { name, ...entry };
}

function isAsAsked(topic: Topic, asked: Partial<TopicSettings> = {}): boolean {
  const { retentionMs = topic.retentionMs, retentionBytes = topic.retentionBytes } = asked;
  return topic.retentionMs === retentionMs && topic.retentionBytes === retentionBytes;
}

/** As `ensureTopic`, on its own: without a write when the topic is there. */
export async function openTopic(store: LogStore, name: string, byName: TopicSettingsByName): Promise<Topic> {
  assertTopicName(name);
  store.refresh();
  const found = selectOptionalTopic(store, name);
  if (found !== undefined && isAsAsked(found, byName[name])) return found;
  return store.write(() => ensureTopic(store, name, byName));
}

export function selectPartition(store: LogStore, topic: Topic, partition: number): PartitionEntry {
  return store.partitions.get([topic.id, partition]) ?? emptyPartition;
}

export function partitionsOf(topic: Topic): number[] {
  return Array.from({ length: topic.partitions }, (_, partition) => partition);
}
