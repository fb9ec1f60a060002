import { setTimeout as delay } from 'node:timers/promises';
import type { Admin } from 'kafkajs';
import { EventLogError } from '../errors.ts';
import { assertTopicName, settingsOf, type TopicSettingsByName } from '../topic-settings.ts';
import { MAX_BATCH_BYTES } from './limits.ts';

export interface KafkaTopic {
  readonly name: string;
  readonly partitions: number;
}

/** Finds the topics, making those that are missing; asks the brokers once for each. */
export interface KafkaTopics {
  open(name: string): Promise<KafkaTopic>;
  /** Whether there is such a topic; none is made. */
  exist(name: string): Promise<boolean>;
}

export function createKafkaTopics(admin: Admin, settings: TopicSettingsByName): KafkaTopics {
  const known = new Map<string, Promise<KafkaTopic>>();
  return {
    async exist(name) {
      return known.has(name) || (await admin.listTopics()).includes(name);
    },
    open: (name) => {
      assertTopicName(name);
      const found = known.get(name);
      if (found !== undefined) return found;
      const opening = openTopic(admin, name, settings);
      known.set(name, opening);
      opening.catch(() => known.delete(name));
      return opening;
    },
  };
}

/** Answers of a broker that has not heard of a new topic yet, or not that it leads a partition of it. */
const notYet = new Set(['UNKNOWN_TOPIC_OR_PARTITION', 'LEADER_NOT_AVAILABLE', 'NOT_LEADER_FOR_PARTITION']);

const patienceMs = 30_000;
const pauseMs = 100;

async function openTopic(admin: Admin, name: string, settings: TopicSettingsByName): Promise<KafkaTopic> {
  // False, and nothing changed, where the topic is there already. kafkajs would wait for the leaders, but gives up at
  // once where another process makes the same topic at this moment.
  await admin.createTopics({ waitForLeaders: false, topics: [topicConfig(name, settings)] });
  const deadline = Date.now() + patienceMs;
  for (;;) {
    const partitions = await partitionsWithLeaders(admin, name);
    if (partitions !== undefined) return { name, partitions };
    if (Date.now() > deadline)
      throw new EventLogError('TOPIC_WITHOUT_LEADER', `The topic ${name} has a partition without a leader`);
    await delay(pauseMs);
  }
}

/**
 * How many partitions the topic has; undefined until the leader of each answers for it. That the metadata names one is
 * not enough: a broker may be named before it knows.
 */
async function partitionsWithLeaders(admin: Admin, name: string): Promise<number | undefined> {
  try {
    const { topics } = await admin.fetchTopicMetadata({ topics: [name] });
    const partitions = topics[0]?.partitions ?? [];
    if (partitions.length === 0 || partitions.some(({ leader }) => leader < 0)) return undefined;
    await admin.fetchTopicOffsets(name);
    return partitions.length;
  } catch (error) {
    if (isNotYet(error as Error & { type?: string })) return undefined;
    throw error;
  }
}

/** By its type: kafkajs does not export its errors in a way that ES modules can name. */
function isNotYet({ name, type = '' }: Error & { type?: string }): boolean {
  // Where leaders are lost between the two questions of fetchTopicOffsets, kafkajs takes an empty answer apart.
  return notYet.has(type) || name === 'TypeError';
}

function topicConfig(topic: string, byName: TopicSettingsByName) {
  const { partitions, retentionMs, retentionBytes } = settingsOf(topic, byName);
  const entries = {
    // A batch of the group commit is larger than its records.
    'max.message.bytes': MAX_BATCH_BYTES,
    'retention.ms': retentionMs,
    // Kafka counts by partition.
    'retention.bytes': Math.ceil(retentionBytes / partitions),
    'cleanup.policy': 'delete',
    'message.timestamp.type': 'LogAppendTime',
  };
  const configEntries = Object.entries(entries).map(([name, value]) => ({ name, value: String(value) }));
  return { topic, numPartitions: partitions, configEntries };
}
