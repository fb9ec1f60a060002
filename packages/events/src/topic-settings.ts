import { InvalidTopicError } from './errors.ts';

/** How a topic is made, and how long it keeps its records. */
export interface TopicSettings {
  /** Fixed when the topic is made. */
  readonly partitions: number;
  readonly retentionMs: number;
  /** Of the whole topic. */
  readonly retentionBytes: number;
}

export type TopicSettingsByName = Readonly<Record<string, Partial<TopicSettings>>>;

const DAY_MS = 24 * 60 * 60 * 1000;

const defaults: TopicSettings = { partitions: 4, retentionMs: 7 * DAY_MS, retentionBytes: 32 * 2 ** 30 };

/** Dead letters are few, and wait for a person. */
const deadLetterDefaults: TopicSettings = {
  partitions: 1,
  retentionMs: 90 * DAY_MS,
  retentionBytes: 2 ** 30,
};

const DEAD_LETTER_SUFFIX = '.dead-letter';

export const deadLetterTopicOf = (topic: string): string => `${topic}${DEAD_LETTER_SUFFIX}`;

export function settingsOf(topic: string, byName: TopicSettingsByName = {}): TopicSettings {
  const base = topic.endsWith(DEAD_LETTER_SUFFIX) ? deadLetterDefaults : defaults;
  return { ...base, ...byName[topic] };
}

/** Kafka's rule for names, and shorter, so that the dead-letter topic's name fits too. */
export function assertTopicName(topic: string): void {
  const base = topic.endsWith(DEAD_LETTER_SUFFIX) ? topic.slice(0, -DEAD_LETTER_SUFFIX.length) : topic;
  if (!/^[\w.-]{1,200}$/.test(base) || /^\.+$/.test(base)) throw new InvalidTopicError(topic);
}
