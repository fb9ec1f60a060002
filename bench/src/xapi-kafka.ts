import { startKafka } from '@lyceum/testing';
import { endingAll } from './ending/ending.ts';
import { bareKafka } from './xapi/bare-kafka-load.ts';
import { compareWithBare } from './xapi/compare.ts';

// `npm run bench -- xapi-kafka [seconds] [runs]`: the batches of xapi-batch on a real Kafka of one broker, each answered
// when all in-sync replicas have it (acks=all), beside kafkajs alone, which appends the same bytes and does nothing else.

const [seconds = 5, runs = 3] = process.argv.slice(2).map(Number);
await endingAll(async (endLater) => {
  const kafka = await startKafka();
  if (kafka === null) throw new Error('Kafka needs Java 17 and Maven here.');
  endLater(() => kafka.stop());
  await compareWithBare({
    bench: 'xapi-kafka',
    batch: 100,
    connections: 16,
    seconds,
    runs,
    env: { KAFKA_BROKERS: kafka.brokers },
    peer: bareKafka(kafka.brokers),
  });
});
