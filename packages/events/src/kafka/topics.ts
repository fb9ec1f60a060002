import type { Admin } from 'kafkajs';
import { assertTopicName, settingsOf, type TopicSettingsByName } from '../topic-settings.ts';
import { MAX_BATCH_BYTES } from './limits.ts';

export interface KafkaTopic {
  readonly name: string;
  readonly partitions: number;
}

/** Finds the topics, making those that are missing; asks the brokers once for each. */
export interface KafkaTopics {
  open(name: string): Promise<KafkaTopic>;
}

export function createKafkaTopics(admin: Admin, settings: TopicSettingsByName): KafkaTopics {
  const known = new Map<string, Promise<KafkaTopic>>();
  return {
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

async function openTopic(admin: Admin, name: string, settings: TopicSettingsByName): Promise<KafkaTopic> {
  // False, and nothing changed, where the topic is there already.
  await admin.createTopics({ waitForLeaders: true, topics: [topicConfig(name, settings)] });
  const { topics } = await admin.fetchTopicMetadata({ topics: [name] });
  return { name, partitions: topics[0]?.partitions.length ?? 1 };
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
