import { randomUUID } from 'node:crypto';
import { afterEach, expect, test } from '@jest/globals';
import { eventually } from '@lyceum/testing';
import { startProcess, type ServiceProcess } from './kit/child.ts';
import { openFaultyNetwork, type FaultyNetwork } from './kit/faulty-network.ts';
import { knows, prepareGround, type Ground } from './kit/lrs.ts';
import { foundBy, ingested } from './kit/reading.ts';
import { residentMemory } from './kit/resident-memory.ts';
import { statement, statements } from './kit/statements.ts';
import { xapiClient, type XapiClient } from './kit/xapi-client.ts';

let ground: Ground;
let network: FaultyNetwork;
let ingest: ServiceProcess;
let receive: ServiceProcess;
let client: XapiClient;

/** An LRS whose receiver reaches an engine by a way that can be blocked. */
async function start(engine: 'CLICKHOUSE_URL' | 'DATABASE_URL'): Promise<void> {
  ground = await prepareGround({ XAPI_READ_SECONDS: '2' });
  network = await openFaultyNetwork(ground.env[engine] ?? '');
  await ground.createKey({ name: 'tool', organisationId: 'org_a' });
  ingest = await startProcess('lrs/src/ingest/main.ts', ground.env);
  receive = await startProcess('lrs/src/receive/main.ts', { ...ground.env, [engine]: network.url });
  client = xapiClient(receive.url, 'tool');
  await knows(client);
}

afterEach(async () => {
  await receive.kill();
  await ingest.stop();
  await network.close();
  await ground.close();
});

test('a ClickHouse that does not answer: statements are taken, reads end with 503 in time, none pile up', async () => {
  await start('CLICKHOUSE_URL');
  const sent = statement();
  expect((await client.post(sent)).status).toBe(200);
  await ingested(ground, [String(sent['id'])]);
  expect(await foundBy(client, '?limit=1')).toEqual([sent['id']]);

  network.stall();
  const before = residentMemory(receive.pid);
  const began = performance.now();
  const paths = [
    '/xapi/statements?limit=1',
    `/xapi/statements?statementId=${randomUUID()}`,
    '/xapi/activities?activityId=urn:x:y',
  ];
  const reads = Array.from({ length: 600 }, (_, index) => client.send('GET', paths[index % 3] ?? ''));
  const accepted = statements(50);
  for (const each of accepted) {
    const at = performance.now();
    expect((await client.post(each)).status).toBe(200);
    expect(performance.now() - at).toBeLessThan(2_000);
  }
  const answers = await Promise.all(reads);
  expect(performance.now() - began).toBeLessThan(15_000);
  expect(
    new Set(answers.map(({ status, headers }) => `${String(status)} ${String(headers.has('retry-after'))}`)),
  ).toEqual(new Set(['503 true']));
  expect(new Set(answers.map(({ body }) => body.error.code))).toEqual(new Set(['UNAVAILABLE', 'OVERLOADED']));
  expect(residentMemory(receive.pid) - before).toBeLessThan(100 * 2 ** 20);

  network.heal();
  await eventually(async () => {
    expect((await client.get('?limit=500')).status).toBe(200);
  });
  await ingested(
    ground,
    accepted.map(({ id }) => String(id)),
  );
}, 90_000);

test('while PostgreSQL is gone, nothing is a 500, and what was accepted before is there after', async () => {
  await start('DATABASE_URL');
  const sent = statement();
  expect((await client.post(sent)).status).toBe(200);
  const state = '/xapi/activities/state?activityId=urn:x:y&stateId=s&agent={"mbox":"mailto:a@example.com"}';
  expect((await client.send('PUT', state, { body: '{"a":1}' })).status).toBe(204);

  network.cut();
  const seen = new Set<number>();
  await eventually(
    async () => {
      const answers = [
        await client.get(`?statementId=${String(sent['id'])}`),
        // The same again, and another with its id: both are held against what is kept.
        await client.post(sent),
        await client.post({ ...sent, result: { success: false } }),
        await client.get('?limit=1'),
        await client.send('GET', state),
        await client.post(statement()),
      ];
      for (const { status } of answers) seen.add(status);
      expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 503));
    },
    { timeoutMs: 20_000 },
  );
  expect(seen.has(500)).toBe(false);

  network.heal();
  await eventually(
    async () => {
      expect((await client.get(`?statementId=${String(sent['id'])}`)).status).toBe(200);
      expect((await client.send('GET', state)).text).toBe('{"a":1}');
      expect((await client.post(sent)).status).toBe(200);
    },
    { timeoutMs: 20_000 },
  );
}, 90_000);
