import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { eventually, startKafka } from '@lyceum/testing';
import { startProcess, type ServiceProcess } from './kit/child.ts';
import { knows, prepareGround, type Ground } from './kit/lrs.ts';
import { residentMemory } from './kit/resident-memory.ts';
import { statements } from './kit/statements.ts';
import { xapiClient, type XapiAnswer, type XapiClient } from './kit/xapi-client.ts';

// On a real broker that stops answering, as one whose leader is gone. Skipped, by name, where startKafka() says why.

const kafka = await startKafka();
const onKafka = kafka ? describe : describe.skip;

/** A client gives a request as long as this, and the LRS answers it before. */
const patienceMs = 30_000;

onKafka('on Apache Kafka (skipped where Java or Maven is missing)', () => {
  let ground: Ground;
  let ingest: ServiceProcess;
  let receive: ServiceProcess;
  let client: XapiClient;
  const pid = () => kafka?.pid ?? NaN;

  beforeAll(async () => {
    ground = await prepareGround({ KAFKA_BROKERS: kafka?.brokers ?? '', XAPI_IN_FLIGHT_LIMIT: '8388608' });
    await ground.createKey({ name: 'tool', organisationId: 'org_a' });
    ingest = await startProcess('lrs/src/ingest/main.ts', ground.env);
    receive = await startProcess('lrs/src/receive/main.ts', ground.env);
    client = xapiClient(receive.url, 'tool');
    await knows(client);
  }, 90_000);

  afterAll(async () => {
    process.kill(pid(), 'SIGCONT');
    await receive.kill();
    await ingest.kill();
    await ground.close();
    await kafka?.stop();
  });

  interface Sent {
    readonly ids: string[];
    readonly batch: Record<string, unknown>[];
    readonly answer: XapiAnswer;
    readonly ms: number;
  }

  async function send(batch = statements(5)): Promise<Sent> {
    const began = performance.now();
    const answer = await client.post(batch);
    return { ids: batch.map(({ id }) => String(id)), batch, answer, ms: performance.now() - began };
  }

  async function sendWhileGone(goneMs: number): Promise<Sent[]> {
    process.kill(pid(), 'SIGSTOP');
    const before = residentMemory(receive.pid);
    const sending: Promise<Sent>[] = [];
    for (const deadline = performance.now() + goneMs; performance.now() < deadline;) {
      sending.push(...Array.from({ length: 10 }, () => send()));
      await delay(500);
      expect(residentMemory(receive.pid) - before).toBeLessThan(150 * 2 ** 20);
    }
    process.kill(pid(), 'SIGCONT');
    return Promise.all(sending);
  }

  /** Each that was answered 200 is there once; the others are sent again until they are, once. */
  async function expectEachOnce(all: readonly Sent[]): Promise<void> {
    for (const { answer, ms } of all) {
      expect([200, 503]).toContain(answer.status);
      if (answer.status === 503) expect(answer.headers.get('retry-after')).toEqual(expect.any(String));
      expect(ms).toBeLessThan(patienceMs);
    }
    for (const { batch, answer } of all) {
      if (answer.status === 200) continue;
      await eventually(
        async () => {
          expect((await send(batch)).answer.status).toBe(200);
        },
        { timeoutMs: 60_000, pauseMs: 200 },
      );
    }
    const ids = all.flatMap((each) => each.ids);
    await eventually(
      async () => {
        expect(await ground.count(`id IN ('${ids.join("','")}')`)).toBe(ids.length);
      },
      { timeoutMs: 60_000, pauseMs: 200 },
    );
  }

  test('a leader that is gone for 20 s: what is sent waits or is 503, and is there once', async () => {
    await expectEachOnce(await sendWhileGone(20_000));
  }, 180_000);

  test('one that is gone for longer than anybody waits: 503 in time, nothing lost or doubled', async () => {
    const all = await sendWhileGone(32_000);
    expect(all.some(({ answer }) => answer.status === 503)).toBe(true);
    await expectEachOnce(all);
  }, 240_000);
});
