import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { eventually, subscribe } from '@lyceum/testing';
import { newOrganisation, runLearning, type LearningUnderTest } from './kit/learning.ts';

let learning: LearningUnderTest;

beforeAll(async () => {
  learning = await runLearning();
});
afterAll(() => learning.stop());

test('a service that stops cuts its subscribers off, so that they ask again, and does not end what they asked for', async () => {
  const token = await learning.issuer.tokenFor(newOrganisation().admin);
  const live = subscribe(learning.url, 'subscription { progressUpdated { percent } }', { token });
  await eventually(async () => {
    const metrics = await (await fetch(`${learning.url}/metrics`)).text();
    expect(metrics).toMatch(/^lyceum_live_subscribers\{.*\} 1$/m);
  });
  const next = live.next();
  const cutOff = expect(next).rejects.toMatchObject({ code: 1001 });
  await learning.restart();
  await cutOff;
  await live.close();
});
