import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Kafka, logLevel, Partitioners, type Message } from 'kafkajs';

// The limit that the receiver on Kafka is measured against: kafkajs alone, in a process of its own. Each of some senders
// appends one record and waits until every in-sync replica has it (acks=all); what waits meanwhile is sent together. A
// GET of /?seconds=…&senders=…&bytes=… does that for so long, and answers { requests, seconds, p50, p99 }.

const [brokers = '', topic = 'bare'] = process.argv.slice(2);
const kafka = new Kafka({ brokers: [brokers], logLevel: logLevel.NOTHING });
const admin = kafka.admin();
await admin.connect();
const configEntries = [{ name: 'max.message.bytes', value: String(20 * 2 ** 20) }];
await admin.createTopics({ waitForLeaders: true, topics: [{ topic, numPartitions: 1, configEntries }] });
await admin.disconnect();
const producer = kafka.producer({
  allowAutoTopicCreation: false,
  createPartitioner: Partitioners.DefaultPartitioner,
});
await producer.connect();

interface Waiting {
  readonly message: Message;
  readonly done: () => void;
  readonly failed: (error: unknown) => void;
}

let queue: Waiting[] = [];
let pumping: Promise<void> | undefined;

async function pump(): Promise<void> {
  while (queue.length > 0) {
    const group = queue;
    queue = [];
    try {
      await producer.send({ topic, acks: -1, messages: group.map(({ message }) => message) });
      for (const { done } of group) done();
    } catch (error) {
      for (const { failed } of group) failed(error);
    }
  }
  pumping = undefined;
}

function append(value: Buffer): Promise<void> {
  return new Promise((done, failed) => {
    queue.push({ message: { key: 'org_bench', value, partition: 0 }, done, failed });
    pumping ??= pump();
  });
}

async function run(seconds: number, senders: number, bytes: number): Promise<object> {
  const times: number[] = [];
  const started = performance.now();
  const end = started + seconds * 1000;
  const each = Array.from({ length: senders }, async (_, index) => {
    const value = Buffer.alloc(bytes, `statement ${String(index)} `);
    for (let sent = performance.now(); sent < end; sent = performance.now()) {
      await append(value);
      times.push(performance.now() - sent);
    }
  });
  await Promise.all(each);
  times.sort((one, other) => one - other);
  const at = (share: number) => times[Math.floor(times.length * share)];
  return {
    requests: times.length,
    seconds: (performance.now() - started) / 1000,
    p50: at(0.5),
    p99: at(0.99),
  };
}

const server = createServer((request, response) => {
  const { searchParams } = new URL(request.url ?? '/', 'http://localhost');
  const [seconds = 0, senders = 0, bytes = 0] = ['seconds', 'senders', 'bytes'].map((name) =>
    Number(searchParams.get(name)),
  );
  run(seconds, senders, bytes).then(
    (result) => response.end(JSON.stringify(result)),
    (error: unknown) => response.writeHead(500).end(String(error)),
  );
});
server.listen(0, '127.0.0.1', () => {
  const { port } = server.address() as AddressInfo;
  process.send?.({ type: 'ready', url: `http://127.0.0.1:${String(port)}` });
});
process.once('disconnect', () => process.exit(0));
