import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import { eventually } from '@lyceum/testing';
import { startProcess } from './kit/child.ts';
import { knows, prepareGround } from './kit/lrs.ts';
import { statements } from './kit/statements.ts';
import { xapiClient } from './kit/xapi-client.ts';

const receiveMain = 'lrs/src/receive/main.ts';
const ingestMain = 'lrs/src/ingest/main.ts';

test('kill -9 of receive right after a 200: the statements are there', async () => {
  const ground = await prepareGround();
  await ground.createKey({ name: 'tool', organisationId: 'org_a' });
  const receive = await startProcess(receiveMain, ground.env);
  const client = xapiClient(receive.url, 'tool');
  await knows(client);
  const { status } = await client.post(statements(100));
  await receive.kill();
  expect(status).toBe(200);
  const ingest = await startProcess(ingestMain, ground.env);
  await eventually(async () => {
    expect(await ground.count()).toBe(100);
  });
  expect(await ingest.stop()).toBe(0);
  await ground.close();
}, 90_000);

test('kill -9 of receive and ingest under load: every acknowledged statement once, none that was refused', async () => {
  const ground = await prepareGround({ INGEST_BLOCK_BYTES: '500000' });
  await ground.createKey({ name: 'tool', organisationId: 'org_a' });
  let receive = await startProcess(receiveMain, ground.env);
  let ingest = await startProcess(ingestMain, ground.env);
  let client = xapiClient(receive.url, 'tool');
  await knows(client);

  const acknowledged: string[] = [];
  const load = new AbortController();
  /** Sends batches; one without an answer is sent again, as a client must, until it has one. */
  async function send(): Promise<void> {
    while (!load.signal.aborted) {
      const batch = statements(20);
      const ok = () =>
        client.post(batch).then(
          ({ status }) => status === 200,
          () => false,
        );
      while (!(await ok())) await delay(50);
      acknowledged.push(...batch.map(({ id }) => String(id)));
    }
  }
  const senders = [send(), send(), send()];
  for (const round of [1, 2, 3]) {
    const enough = acknowledged.length + 400;
    await eventually(() => {
      expect(acknowledged.length).toBeGreaterThan(enough);
    });
    await ingest.kill();
    if (round === 2) {
      await receive.kill();
      receive = await startProcess(receiveMain, ground.env);
      client = xapiClient(receive.url, 'tool');
    }
    ingest = await startProcess(ingestMain, ground.env);
  }
  load.abort();
  await Promise.all(senders);

  // A block is seen in its table a moment before it is seen in the roll-up.
  const query =
    'SELECT count(), uniqExact(id), (SELECT sum(statements) FROM activity_minutes) FROM statements';
  const each = String(acknowledged.length);
  await eventually(
    async () => {
      const counts = await (await ground.clickHouse.query({ query, format: 'TabSeparated' })).text();
      expect(counts.trim()).toBe([each, each, each].join('\t'));
    },
    { timeoutMs: 60_000 },
  );
  expect(await Promise.all([receive.stop(), ingest.stop()])).toEqual([0, 0]);
  await ground.close();
}, 180_000);
