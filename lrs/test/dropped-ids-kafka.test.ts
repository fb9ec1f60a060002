import { afterAll, describe, test } from '@jest/globals';
import { startKafka } from '@lyceum/testing';
import { droppedIdsContract } from './dropped-ids.ts';

const kafka = await startKafka();

if (kafka === null) {
  describe('ids of dropped statements on Apache Kafka', () => {
    test.skip('skipped: Java, Maven or what Maven fetches is missing', () => undefined);
  });
} else {
  afterAll(() => kafka.stop());
  droppedIdsContract('Apache Kafka', () => ({ KAFKA_BROKERS: kafka.brokers }));
}
