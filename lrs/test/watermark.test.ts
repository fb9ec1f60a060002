import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { openDatabase } from '@lyceum/postgres';
import { workspaceFile } from '@lyceum/service';
import { eventually } from '@lyceum/testing';
import { createStoredClock } from '@lyceum/xapi';
import { createConsistentThrough, never } from '../src/receive/consistent-through.ts';
import { createWatermark, type Watermark } from '../src/receive/watermark.ts';
import { PrismaClient } from '../src/store/generated/client.ts';
import { createStore, type Database } from '../src/store/store.ts';
import { prepareGround, startLrs, type Ground } from './kit/lrs.ts';
import { readEnv } from '../src/receive/env.ts';
import { startReceive } from '../src/receive/main.ts';
import { foundBy, ingested } from './kit/reading.ts';
import { statement } from './kit/statements.ts';
import { xapiClient, type XapiClient } from './kit/xapi-client.ts';

let ground: Ground;
let store: Database;
let prisma: PrismaClient;
let close: () => Promise<void>;
let made: Watermark[] = [];

beforeEach(async () => {
  ground = await prepareGround();
  const { DATABASE_URL: serverUrl = '' } = ground.env;
  const migrations = workspaceFile('lrs', 'prisma/migrations');
  const database = await openDatabase({ serverUrl, service: 'lrs', migrations, poolSize: 3 });
  prisma = new PrismaClient({ adapter: database.adapter });
  store = createStore(prisma);
  made = [];
  close = () => database.close();
}, 60_000);

afterEach(async () => {
  for (const each of made) await each.stop();
  await close();
  await ground.close();
});

function receiver(oldestUnderWay: () => string | undefined = () => undefined): Watermark {
  const watermark = createWatermark({
    receivers: store.receivers,
    oldestUnderWay,
    clock: createStoredClock(),
    onFailure: () => undefined,
  });
  made.push(watermark);
  return watermark;
}

const lowOf = async (watermark: Watermark) => new Date((await watermark.read()).low).getTime();

describe('everything is on the log', () => {
  test('up to now while nobody has anything under way, and one is alone until another comes', async () => {
    const [one, two] = [receiver(), receiver()];
    const before = Date.now();
    expect(await lowOf(one)).toBeGreaterThanOrEqual(before);
    expect((await one.read()).alone).toBe(true);
    await two.announce();
    await eventually(async () => {
      expect((await one.read()).alone).toBe(false);
    });
    expect((await two.read()).alone).toBe(true);
  });

  test('up to what another has under way, and beyond once that is on the log', async () => {
    let underWay: string | undefined;
    const [one, two] = [receiver(), receiver(() => underWay)];
    await two.announce();
    const stamped = Date.now();
    underWay = new Date(stamped).toISOString();
    const held = Date.now();
    await eventually(async () => {
      expect(Date.now() - held).toBeGreaterThan(600);
      expect((await one.read()).alone).toBe(false);
      expect(await lowOf(one)).toBeLessThanOrEqual(stamped);
    });
    underWay = undefined;
    await eventually(async () => {
      expect(await lowOf(one)).toBeGreaterThan(stamped);
    });
  });

  test('before anything that is stamped after an announcement, from the moment that it is heard', async () => {
    const [one, two] = [receiver(), receiver()];
    expect(two.announce()).toBeInstanceOf(Promise);
    await two.announce();
    expect(two.announce()).toBeUndefined();
    expect(await lowOf(one)).toBeLessThanOrEqual(Date.now());
  });

  test('whatever one has said who was killed ten seconds ago', async () => {
    const [one] = [receiver()];
    const low = new Date(Date.now() - 30_000);
    await store.receivers.upsert('killed', { low: low.toISOString(), high: low.toISOString() });
    expect(await lowOf(one)).toBe(low.getTime());
    await prisma.$executeRaw`UPDATE receiver SET seen_at = now() - interval '11 s' WHERE id = 'killed'`;
    await eventually(async () => {
      expect(await lowOf(one)).toBeGreaterThan(low.getTime());
    });
  });
});

describe('while ingest is behind', () => {
  const options = (passed: () => Promise<void>, alone: boolean) => ({
    log: {
      lag: () => Promise.resolve([{ topic: 'statements', partition: 0, lag: 1, committed: 0 }]),
      passed,
    },
    group: 'g',
    reader: { selectNewestStored: () => Promise.resolve('2026-11-21 10:00:00.000001') },
    watermark: { read: () => Promise.resolve({ low: '2026-11-21T09:00:00.000Z', alone }) },
    signal: new AbortController().signal,
  });

  test('one receiver alone knows by the newest statement that is there', async () => {
    const through = createConsistentThrough(options(() => Promise.resolve(), true));
    expect(await through('org_a')).toBe('2026-11-21T10:00:00.000001Z');
  });

  test('what it has said is true from then on, also where the newest is not known', async () => {
    const newest: (string | null)[] = ['2026-11-21 10:00:00.000001', null, '2026-11-21 09:00:00.000001'];
    const reader = { selectNewestStored: () => Promise.resolve(newest.shift() ?? null) };
    const through = createConsistentThrough({ ...options(() => Promise.resolve(), true), reader });
    for (const _ of [1, 2, 3]) expect(await through('org_a')).toBe('2026-11-21T10:00:00.000001Z');
    expect(await through('org_b')).toBe(never);
  });

  test('the newest is asked for again once ingest has noted another block, and after a failure', async () => {
    let committed = 0;
    let asked = 0;
    const selectNewestStored = () => {
      asked += 1;
      return asked === 2
        ? Promise.reject(new Error('down'))
        : Promise.resolve(`2026-11-21 10:00:00.00000${String(asked)}`);
    };
    const behind = options(() => Promise.resolve(), true);
    const lag = () => Promise.resolve([{ topic: 'statements', partition: 0, lag: 1, committed }]);
    const log = { ...behind.log, lag };
    const through = createConsistentThrough({ ...behind, log, reader: { selectNewestStored } });
    expect(await through('org_a')).toBe('2026-11-21T10:00:00.000001Z');
    committed = 1;
    await eventually(() => expect(through('org_a')).rejects.toThrow('down'));
    expect(await through('org_a')).toBe('2026-11-21T10:00:00.000003Z');
  });

  test('of several, none says more than was on the log when ingest was where it is', async () => {
    const through = createConsistentThrough(options(() => Promise.resolve(), false));
    expect(await through('org_a')).toBe('2026-11-21T09:00:00.000Z');
    const stuck = createConsistentThrough(options(() => new Promise(() => undefined), false));
    expect(await stuck('org_a')).toBe(never);
  });
});

test('what one of two receivers took is found by the other, whose cursors the first reads', async () => {
  const lrs = await startLrs();
  const other = await startReceive(readEnv(lrs.env));
  const client = await lrs.client('org_a');
  const elsewhere: XapiClient = xapiClient(other.url ?? '', 'key1');
  const verb = { id: 'urn:verb:two-receivers' };
  const ids: string[] = [];
  for (const each of [client, elsewhere, client, elsewhere]) {
    const own = statement({ verb });
    expect((await each.post(own)).status).toBe(200);
    ids.push(String(own['id']));
  }
  await ingested(lrs, ids);
  await eventually(async () => {
    expect(await foundBy(elsewhere, `?verb=${verb.id}&ascending=true`)).toEqual(ids);
  });
  const { body } = await elsewhere.get(`?verb=${verb.id}&limit=2&ascending=true`);
  expect(await foundBy(client, String(body['more']))).toEqual(ids.slice(2));
  await other.stop();
  await lrs.stop();
}, 60_000);

describe('of receivers of one machine', () => {
  /** Two that can ask each other while `connected`. */
  function pair(oldest: { one?: string; two?: string }, connected = { is: true }) {
    const answers: Record<'one' | 'two', () => unknown> = { one: () => undefined, two: () => undefined };
    const siblingsOf = (own: 'one' | 'two', other: 'one' | 'two') => ({
      answer: (_: string, answer: () => unknown) => {
        answers[own] = answer;
      },
      ask: () => Promise.resolve(connected.is ? [answers[other]()] : []),
    });
    return (['one', 'two'] as const).map((own) => {
      const watermark = createWatermark({
        receivers: store.receivers,
        oldestUnderWay: () => oldest[own],
        clock: createStoredClock(),
        siblings: siblingsOf(own, own === 'one' ? 'two' : 'one'),
        onFailure: () => undefined,
      });
      made.push(watermark);
      return watermark;
    });
  }

  test('each knows at once what the other has under way, and that it has it no more', async () => {
    const oldest: { two?: string } = {};
    // It has said nothing in the database yet: only by asking it one can know.
    const [one] = pair(oldest) as [Watermark];
    const before = Date.now();
    expect(await lowOf(one)).toBeGreaterThanOrEqual(before);
    oldest.two = '2026-11-21T10:00:00.000001Z';
    await eventually(async () => {
      expect(await lowOf(one)).toBe(Date.parse('2026-11-21T10:00:00.000Z'));
    });
    delete oldest.two;
    await eventually(async () => {
      expect(await lowOf(one)).toBeGreaterThanOrEqual(before);
    });
    expect((await one.read()).alone).toBe(false);
  });

  test('one that does not answer is taken at its word in the database', async () => {
    const stored = new Date(Date.now() - 60_000).toISOString();
    const [one, two] = pair({ two: stored }, { is: false }) as [Watermark, Watermark];
    await two.announce();
    expect(await lowOf(one)).toBe(Date.parse(stored) - 1);
  });
});
