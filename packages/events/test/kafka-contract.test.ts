import { afterAll, describe, test } from '@jest/globals';
import { pino } from 'pino';
// By path: @lyceum/testing uses this package, so this package can't name it.
import { startKafka } from '../../testing/src/kafka.ts';
import { createKafkaLog } from '../src/kafka/kafka-log.ts';
import { createLogMetrics } from '../src/log-metrics.ts';
import { eventLogContract } from './contract.ts';

const logger = pino({ level: process.env['LOG_LEVEL'] ?? 'silent' });
const kafka = await startKafka();

if (kafka === null) {
  describe('the event log on Apache Kafka', () => {
    test.skip('skipped: Java, Maven or what Maven fetches is missing', () => undefined);
  });
} else {
  const { brokers } = kafka;
  afterAll(() => kafka.stop());
  eventLogContract('Apache Kafka', async () => ({
    connection: { kafkaBrokers: brokers, directory: '' },
    open: (settings = {}) =>
      createKafkaLog({ brokers, clientId: 'test', logger, metrics: createLogMetrics(undefined), settings }),
    dispose: async () => undefined,
  }));
}
