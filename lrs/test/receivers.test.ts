import { execFileSync } from 'node:child_process';
import { Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { eventually, hasEnded } from '@lyceum/testing';
import { joinMetricsPages } from '../src/receive/metrics-page.ts';
import { shareOf } from '../src/receivers/in-flight-share.ts';
import { createConnections } from '../src/receivers/connections.ts';
import { isOf, type Passed, type Receiver } from '../src/receivers/messages.ts';
import { createQuestions } from '../src/receivers/questions.ts';
import { startProcess, type ServiceProcess } from './kit/child.ts';
import { knows, prepareGround, type Ground } from './kit/lrs.ts';
import { statement, statements } from './kit/statements.ts';
import { xapiClient, type XapiClient } from './kit/xapi-client.ts';

describe('several receivers on one port', () => {
  let ground: Ground;
  let receivers: ServiceProcess;
  let client: XapiClient;

  beforeEach(async () => {
    ground = await prepareGround({ XAPI_RECEIVERS: '2' });
    await ground.createKey({ name: 'tool', organisationId: 'org_a' });
    receivers = await startProcess('lrs/src/receivers/main.ts', ground.env);
    client = xapiClient(receivers.url, 'tool');
    await knows(client);
    await bothReceive();
  }, 90_000);

  afterEach(async () => {
    await receivers.kill();
    await ground.close();
  });

  /** The processes that receive, by pid. */
  function pids(): number[] {
    try {
      const found = execFileSync('pgrep', ['-P', String(receivers.pid), '-f', 'receive/main']);
      return found.toString().trim().split('\n').map(Number);
    } catch {
      return []; // pgrep's way to say that there are none
    }
  }

  async function metrics(): Promise<string> {
    return (await fetch(`${receivers.url}/metrics`)).text();
  }

  /** What each of them has accepted. */
  async function accepted(): Promise<Record<string, number>> {
    const samples = (await metrics()).matchAll(
      /^lyceum_statements_accepted_total\{.*receiver="(\d)".*\} (\d+)$/gm,
    );
    return Object.fromEntries([...samples].map(([, receiver = '', count]) => [receiver, Number(count)]));
  }

  async function bothReceive(): Promise<void> {
    await eventually(
      async () => {
        expect(Object.keys(await accepted())).toEqual(['1', '2']);
      },
      { timeoutMs: 30_000 },
    );
  }

  test('share the connections; whoever is asked tells what all of them count', async () => {
    const batches = Array.from({ length: 12 }, () => statements(5));
    const answers = await Promise.all(batches.map((batch) => client.post(batch)));
    expect(answers.map(({ status }) => status)).toEqual(batches.map(() => 200));
    const counts = await accepted();
    expect(counts['1']).toBeGreaterThan(0);
    expect(counts['2']).toBeGreaterThan(0);
    expect(Number(counts['1']) + Number(counts['2'])).toBe(60);
    const page = await metrics();
    expect(page.match(/^# TYPE lyceum_statements_accepted_total /gm)).toHaveLength(1);
  }, 60_000);

  test('an id that one of them took is taken for the others', async () => {
    const taken = statement();
    const other = { ...statement(), id: taken['id'], verb: { id: 'urn:verb:other' } };
    const answers = await Promise.all(
      Array.from({ length: 16 }, (_, index) => client.post(index % 2 === 0 ? taken : other)),
    );
    const won = answers.findIndex(({ status }) => status === 200) % 2;
    expect(answers.map(({ status }) => status)).toEqual(
      answers.map((_, index) => (index % 2 === won ? 200 : 409)),
    );
  }, 60_000);

  test('one is killed under load: the others go on, it comes back, every acknowledged statement is there once', async () => {
    const acknowledged: string[] = [];
    const load = new AbortController();
    async function send(): Promise<void> {
      while (!load.signal.aborted) {
        const batch = statements(10);
        const ok = () =>
          client.post(batch).then(
            ({ status }) => status === 200,
            () => false,
          );
        while (!(await ok())) await delay(20);
        acknowledged.push(...batch.map(({ id }) => String(id)));
      }
    }
    const senders = Array.from({ length: 6 }, send);
    for (let round = 0; round < 3; round += 1) {
      const [pid = 0] = pids();
      process.kill(pid, 'SIGKILL');
      const enough = acknowledged.length + 300;
      await eventually(() => {
        expect(acknowledged.length).toBeGreaterThan(enough);
      });
      await eventually(
        () => {
          expect(pids()).toHaveLength(2);
        },
        { timeoutMs: 30_000 },
      );
      expect(pids()).not.toContain(pid);
      await bothReceive();
    }
    load.abort();
    await Promise.all(senders);
    const ingest = await startProcess('lrs/src/ingest/main.ts', ground.env);
    await ground.ingested();
    const query = 'SELECT count(), uniqExact(id) FROM statements';
    const counts = await (await ground.clickHouse.query({ query, format: 'TabSeparated' })).text();
    expect(counts.trim()).toBe([acknowledged.length, acknowledged.length].join('\t'));
    expect(await ingest.stop()).toBe(0);
  }, 180_000);

  test('stop together: what is under way is answered, then none of them is left', async () => {
    const before = pids();
    expect(before).toHaveLength(2);
    const answers = Array.from({ length: 8 }, () => client.post(statements(100)));
    await Promise.race(answers);
    expect(await receivers.stop()).toBe(0);
    for (const { status } of await Promise.all(answers)) expect(status).toBe(200);
    await Promise.all(before.map(hasEnded));
  }, 60_000);

  test('none outlives the process that started them', async () => {
    const before = pids();
    await receivers.kill();
    await Promise.all(before.map(hasEnded));
  }, 60_000);
});

test('one receiver alone is the process itself', async () => {
  const ground = await prepareGround({ XAPI_RECEIVERS: '1' });
  const receiver = await startProcess('lrs/src/receivers/main.ts', ground.env);
  expect(await (await fetch(`${receiver.url}/metrics`)).text()).not.toContain('receiver="');
  expect(() => execFileSync('pgrep', ['-P', String(receiver.pid), '-f', 'receive/main'])).toThrow();
  expect(await receiver.stop()).toBe(0);
  await ground.close();
}, 60_000);

test('together they hold what one may hold alone, but for room for one request in each', () => {
  const limits = { XAPI_IN_FLIGHT_LIMIT: 64, XAPI_BODY_LIMIT: 3, XAPI_DOCUMENT_LIMIT: 1 };
  expect(shareOf(limits, 4)).toEqual({ XAPI_IN_FLIGHT_LIMIT: '16' });
  expect(shareOf(limits, 32)).toEqual({ XAPI_IN_FLIGHT_LIMIT: '3' });
  expect(shareOf({ ...limits, XAPI_IN_FLIGHT_LIMIT: 2 }, 4)).toEqual({ XAPI_IN_FLIGHT_LIMIT: '2' });
});

/** A receiver, what it was sent, and what it does then. */
function receiver(onSent: (self: Receiver, message: unknown) => void): Receiver & { sent: unknown[] } {
  const sent: unknown[] = [];
  const self: Receiver & { sent: unknown[] } = {
    sent,
    connected: true,
    send(message: unknown) {
      sent.push(message);
      onSent(self, message);
      return true;
    },
  };
  return self;
}

describe('what receivers ask each other', () => {
  const asker = receiver(() => undefined);
  const answering = (reply: (question: string) => unknown) =>
    receiver((self, message) => {
      if (!isOf<Passed>(message, 'question')) return;
      questions.hear(self, { type: 'answer', id: message.id, answer: reply(message.question) });
    });
  const silent = () => receiver(() => undefined);
  let questions = createQuestions();
  const among = (...all: Receiver[]) => {
    questions = createQuestions();
    for (const each of [asker, ...all]) questions.add(each);
  };

  test('is answered by all the others, and at once where there are none', () => {
    among(
      answering((question) => `${question} of one`),
      answering(() => undefined),
    );
    questions.hear(asker, { type: 'ask', question: 'low', id: 7 });
    expect(asker.sent.pop()).toEqual({ type: 'answers', id: 7, answers: ['low of one'] });
    among();
    questions.hear(asker, { type: 'ask', question: 'low', id: 8 });
    expect(asker.sent.pop()).toEqual({ type: 'answers', id: 8, answers: [] });
  });

  test('does not wait for one that is gone, nor for long for one that is busy', async () => {
    const gone = silent();
    among(
      gone,
      answering(() => 'here'),
    );
    questions.hear(asker, { type: 'ask', question: 'low', id: 1 });
    expect(asker.sent.pop()).toBeUndefined();
    questions.remove(gone);
    expect(asker.sent.pop()).toEqual({ type: 'answers', id: 1, answers: ['here'] });
    among(
      silent(),
      answering(() => 'here'),
    );
    questions.hear(asker, { type: 'ask', question: 'low', id: 2 });
    await eventually(() => {
      expect(asker.sent.at(-1)).toEqual({ type: 'answers', id: 2, answers: ['here'] });
    });
  });
});

describe('connections', () => {
  const silent = () => receiver(() => undefined);
  const socket = () => new Socket();

  test('go to the receiver that has the fewest', () => {
    const connections = createConnections();
    const [one, other] = [silent(), silent()];
    connections.add(one);
    for (let made = 0; made < 3; made += 1) connections.give(socket());
    connections.add(other);
    for (let made = 0; made < 5; made += 1) connections.give(socket());
    expect([one.sent.length, other.sent.length]).toEqual([4, 4]);
    for (let ended = 0; ended < 4; ended += 1) connections.hear(one, { type: 'gone' });
    for (let made = 0; made < 4; made += 1) connections.give(socket());
    expect([one.sent.length, other.sent.length]).toEqual([8, 4]);
    connections.close();
  });

  test('that a receiver had not taken when it died go to another; what it took ends with it', () => {
    const connections = createConnections();
    const [dead, other] = [silent(), silent()];
    connections.add(dead);
    const [taken, untaken] = [socket(), socket()];
    connections.give(taken);
    connections.give(untaken);
    connections.hear(dead, { type: 'took', id: 1 });
    expect([taken.destroyed, untaken.destroyed]).toEqual([true, false]);
    connections.remove(dead);
    expect(untaken.destroyed).toBe(false);
    connections.add(other);
    expect(other.sent).toEqual([{ type: 'connection', id: 3 }]);
    connections.close();
    expect(untaken.destroyed).toBe(true);
  });
});

test('pages of metrics become one: each metric described once, all its samples behind that', () => {
  const page = (receiver: number) =>
    `# HELP a_total As.\n# TYPE a_total counter\na_total{receiver="${String(receiver)}"} 1\n\n# HELP b B.\n# TYPE b gauge\nb{receiver="${String(receiver)}"} 2\n`;
  expect(joinMetricsPages([page(1), page(2)])).toBe(
    '# HELP a_total As.\n# TYPE a_total counter\na_total{receiver="1"} 1\na_total{receiver="2"} 1\n\n# HELP b B.\n# TYPE b gauge\nb{receiver="1"} 2\nb{receiver="2"} 2\n',
  );
});
