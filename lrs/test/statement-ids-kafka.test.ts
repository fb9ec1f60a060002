import { afterAll, describe, test } from '@jest/globals';
import { startKafka } from '@lyceum/testing';
import { crashesKeepIds } from './statement-ids-crash.ts';
import { statementIdsContract } from './statement-ids.ts';

const kafka = await startKafka();

if (kafka === null) {
  describe('ids of statements on Apache Kafka', () => {
    test.skip('skipped: Java, Maven or what Maven fetches is missing', () => undefined);
  });
} else {
  afterAll(() => kafka.stop());
  const environment = () => ({ KAFKA_BROKERS: kafka.brokers });
  statementIdsContract('Apache Kafka', environment);
  crashesKeepIds('Apache Kafka', environment);
}
