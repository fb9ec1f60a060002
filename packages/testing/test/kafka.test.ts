import { afterAll, describe, expect, test } from '@jest/globals';
import { identifyProcess } from '@lyceum/engines';
import { eventually } from '../src/eventually.ts';
import { startBroker, startKafka } from '../src/kafka.ts';

const kafka = await startKafka();
const withKafka = kafka ? describe : describe.skip;

withKafka('Apache Kafka (skipped where Java or Maven is missing)', () => {
  afterAll(async () => {
    await kafka!.stop();
    await eventually(async () => {
      expect(await identifyProcess(kafka!.pid)).toBeUndefined();
    });
  });

  test('a broker whose port somebody else has is not taken for started', async () => {
    const port = Number(kafka!.brokers.split(':')[1]);
    await expect(startBroker(port)).rejects.toThrow('Address already in use');
  }, 60_000);
});
