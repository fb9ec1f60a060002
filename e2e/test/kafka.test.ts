import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createSystem, eventually, startKafka, type System } from '@lyceum/testing';
import { logIn } from './kit/people.ts';
import { completion, postStatements, timesStored } from './kit/records.ts';
import { openScreen } from './kit/screen.ts';

// The same system on Apache Kafka: only KAFKA_BROKERS is set. Skipped, by name, where startKafka() says why.

const kafka = await startKafka();
const onKafka = kafka ? describe : describe.skip;

onKafka('on Apache Kafka (skipped where Java or Maven is missing)', () => {
  let system: System;

  beforeAll(async () => {
    system = createSystem({ env: { KAFKA_BROKERS: kafka!.brokers } });
    await system.start();
  }, 180_000);

  afterAll(async () => {
    await system.delete();
    await kafka!.stop();
  }, 60_000);

  test('a statement reaches the subscriber, and ClickHouse once', async () => {
    const learner = await logIn(system, 'learner');
    const screen = await openScreen<{ progressUpdated: { course: { title: string } } }>(
      system,
      'subscription { progressUpdated { percent learner { name } course { title } } }',
      learner,
    );
    const upcoming = screen.next();
    const item = /activities\/(item_\w+)/.exec(system.supervisor().output())![1]!;
    const posted = await postStatements(system, completion(system, learner.id, item));
    expect(posted.status).toBe(200);
    const [id] = (await posted.json()) as [string];
    const { data, errors } = await upcoming;
    expect(errors).toBeUndefined();
    expect(data.progressUpdated.course.title).toBe('Foundations of Data Literacy');
    await screen.close();
    await eventually(
      async () => {
        expect(await timesStored(system, id)).toBe(1);
      },
      { timeoutMs: 20_000 },
    );
  }, 60_000);

  test('npm run status names the brokers, and no embedded log was made', async () => {
    const status = system.run(['status']);
    expect(await status.ended).toBe(0);
    expect(status.output()).toContain(`event log: Kafka at ${kafka!.brokers}`);
    expect(existsSync(join(system.directory, 'log'))).toBe(false);
  });

  test('stops in time', async () => {
    // 0: every process ended by itself within the ten seconds that the supervisor gives them all.
    expect(await system.stop()).toBe(0);
  }, 30_000);
});
