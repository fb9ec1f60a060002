import { expect, test } from '@jest/globals';
import { pino } from 'pino';
import { EventLogUnavailableError } from '../src/index.ts';
import { createKafkaLog } from '../src/kafka/kafka-log.ts';
import { createLogMetrics } from '../src/log-metrics.ts';

test('brokers that do not answer are named, with how long it was tried', async () => {
  const opening = createKafkaLog({
    // Discard (RFC 863): nothing listens there.
    brokers: '127.0.0.1:9, localhost:9',
    clientId: 'test',
    logger: pino({ level: 'silent' }),
    metrics: createLogMetrics(undefined),
    tryForMs: 1_000,
  });
  const error = await opening.catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(EventLogUnavailableError);
  expect((error as Error).message).toMatch(/^Kafka at 127\.0\.0\.1:9, localhost:9 did not answer in 1 s: /);
});
