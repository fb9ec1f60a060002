import { randomUUID } from 'node:crypto';
import { Partitioners, type Message, type Producer, type TopicMessages } from 'kafkajs';
import { EventLogClosedError, EventLogUnavailableError, RecordTooLargeError } from '../errors.ts';
import type { AppendRecord } from '../event-log.ts';
import { partitionOf } from '../partitioner.ts';
import { RETRY, type KafkaClient } from './client.ts';
import { APPEND_MS, MAX_GROUP_BYTES, MAX_RECORD_BYTES } from './limits.ts';
import type { KafkaTopics } from './topics.ts';

/** Appends with group commit: while one send is under way, all that comes is gathered for the next. */
export interface KafkaAppender {
  append(records: readonly AppendRecord[]): Promise<void>;
  /** Refuses further appends, waits for those accepted, disconnects. */
  close(): Promise<void>;
}

interface Placed {
  readonly topic: string;
  readonly message: Message & { readonly partition: number };
}

interface Pending {
  readonly placed: readonly Placed[];
  readonly bytes: number;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/**
 * A process that dies within a transaction blocks the readers of its partitions for so long. Short, since only
 * appends over several partitions take one.
 */
const TRANSACTION_TIMEOUT_MS = 10_000;

export function createKafkaAppender(client: KafkaClient, topics: KafkaTopics): KafkaAppender {
  const queue: Pending[] = [];
  let closed = false;
  let pumping: Promise<void> | undefined;
  let producer: Promise<Producer> | undefined;

  async function pump(): Promise<void> {
    while (queue.length > 0) await sendGroup(takeGroup(queue));
    pumping = undefined;
  }

  async function sendGroup(group: readonly Pending[]): Promise<void> {
    const startedAt = Date.now();
    // A batch of one partition is taken whole by its broker: only an append over several needs a transaction.
    const whole = group.filter(spansPartitions);
    const plain = group.filter((pending) => !spansPartitions(pending));
    for (const [members, send] of [
      [plain, sendPlain],
      [whole, sendInTransaction],
    ] as const) {
      if (members.length === 0) continue;
      try {
        producer ??= connectProducer(client);
        await send(await producer, toTopicMessages(members));
        for (const { resolve } of members) resolve();
      } catch (error) {
        // Its sequence numbers may no longer be the broker's.
        await discard(producer);
        producer = undefined;
        const seconds = Math.round((Date.now() - startedAt) / 1000);
        for (const { reject } of members)
          reject(new EventLogUnavailableError(client.brokers, seconds, error));
      }
    }
  }

  return {
    append: async (records) => {
      if (closed) throw new EventLogClosedError();
      const placed = await Promise.all(records.map((record) => place(record, topics)));
      const bytes = placed.reduce((sum, { message }) => sum + sizeOf(message), 0);
      await withinTime(
        (pending) => {
          if (closed) {
            pending.reject(new EventLogClosedError());
            return;
          }
          queue.push({ placed, bytes, ...pending });
          pumping ??= pump();
        },
        client,
        queue,
      );
    },
    close: async () => {
      closed = true;
      await pumping;
      await discard(producer);
    },
  };
}

/**
 * What still waits for its turn when its time is over is not sent any more, and its memory is free; what was sent may yet
 * arrive.
 */
function withinTime(
  enqueue: (pending: Pick<Pending, 'resolve' | 'reject'>) => void,
  { brokers }: KafkaClient,
  queue: Pending[],
): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  return new Promise<void>((resolve, reject) => {
    timer = setTimeout(() => {
      const place = queue.findIndex((pending) => pending.reject === reject);
      if (place >= 0) queue.splice(place, 1);
      const cause = new Error(place >= 0 ? 'it was never sent' : 'it was sent and not acknowledged');
      reject(new EventLogUnavailableError(brokers, APPEND_MS / 1000, cause));
    }, APPEND_MS);
    enqueue({ resolve, reject });
  }).finally(() => {
    clearTimeout(timer);
  });
}

async function place({ topic, key, value, headers }: AppendRecord, topics: KafkaTopics): Promise<Placed> {
  const bytes =
    typeof value === 'string'
      ? Buffer.from(value)
      : Buffer.from(value.buffer, value.byteOffset, value.byteLength);
  if (bytes.length > MAX_RECORD_BYTES) throw new RecordTooLargeError(topic, bytes.length, MAX_RECORD_BYTES);
  const { partitions } = await topics.open(topic);
  return {
    topic,
    message: { key, value: bytes, headers: { ...headers }, partition: partitionOf(key, partitions) },
  };
}

function sizeOf({ key, value, headers = {} }: Message): number {
  const headerBytes = Object.entries(headers).reduce(
    (sum, [name, text]) => sum + name.length + String(text).length,
    0,
  );
  return (key?.length ?? 0) + (value?.length ?? 0) + headerBytes + 64;
}

function takeGroup(queue: Pending[]): Pending[] {
  let bytes = 0;
  const end = queue.findIndex((pending) => (bytes += pending.bytes) > MAX_GROUP_BYTES);
  return queue.splice(0, end === -1 ? queue.length : Math.max(end, 1));
}

function spansPartitions({ placed }: Pending): boolean {
  return new Set(placed.map(({ topic, message }) => `${topic}/${message.partition}`)).size > 1;
}

function toTopicMessages(group: readonly Pending[]): TopicMessages[] {
  const byTopic = new Map<string, Message[]>();
  for (const { topic, message } of group.flatMap(({ placed }) => placed)) {
    const messages = byTopic.get(topic) ?? [];
    byTopic.set(topic, messages);
    messages.push(message);
  }
  return [...byTopic].map(([topic, messages]) => ({ topic, messages }));
}

async function connectProducer({ kafka }: KafkaClient): Promise<Producer> {
  const producer = kafka.producer({
    idempotent: true,
    maxInFlightRequests: 1,
    // New for each process: nobody else may be fenced off by it.
    transactionalId: `lyceum-${randomUUID()}`,
    transactionTimeout: TRANSACTION_TIMEOUT_MS,
    // Every message names its partition; naming a partitioner silences a warning.
    createPartitioner: Partitioners.DefaultPartitioner,
    allowAutoTopicCreation: false,
    // Bounded: an append must not wait for ever. A producer that gave up is replaced.
    retry: RETRY,
  });
  await producer.connect();
  return producer;
}

async function sendPlain(producer: Producer, topicMessages: TopicMessages[]): Promise<void> {
  await producer.sendBatch({ topicMessages, acks: -1 });
}

async function sendInTransaction(producer: Producer, topicMessages: TopicMessages[]): Promise<void> {
  const transaction = await producer.transaction();
  try {
    await transaction.sendBatch({ topicMessages, acks: -1 });
    await transaction.commit();
  } catch (error) {
    if (transaction.isActive()) await transaction.abort().catch(() => undefined);
    throw error;
  }
}

async function discard(producer: Promise<Producer> | undefined): Promise<void> {
  try {
    await (await producer)?.disconnect();
  } catch {
    // It never connected, or is gone already.
  }
}
