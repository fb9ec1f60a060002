import { afterAll, afterEach, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { newId } from '@lyceum/service';
import { eventually, subscribe, type LiveSubscription } from '@lyceum/testing';
import { statementFor, statementsTopic, type Statement } from '@lyceum/xapi';
import { createProgressTracker } from '../src/domain/ingest-progress.ts';
import { publicUrl } from './kit/clickhouse.ts';
import { runRecords, type Person, type RunningRecords, type School } from './kit/records.ts';

let records: RunningRecords;
let school: School;
let admin: Person;

const did = (): Statement =>
  statementFor({ publicUrl, userId: newId('user'), verb: 'completed', activity: { id: newId('item') } });

interface Health {
  ingest: string;
  lag: number | null;
  queryableThrough: string | null;
  queryable: number | null;
  acceptedPerSecond: number | null;
  statementBytes: number | null;
  engines: { engine: string; reachable: boolean; reason: string | null }[];
}

const fields = `ingest lag queryableThrough queryable acceptedPerSecond statementBytes
  engines { engine reachable reason }`;

async function health({ ask }: Person): Promise<Health> {
  const { data, errors } = await ask<{ recordStoreHealth: Health }>(`{ recordStoreHealth { ${fields} } }`);
  expect(errors).toBeUndefined();
  return data.recordStoreHealth;
}

/** Stands where lrs-ingest does: what it has read can be queried. */
async function ingestAll(): Promise<void> {
  const consumer = await records.log.consume({
    topics: [statementsTopic],
    group: 'lrs-ingest',
    handle: () => Promise.resolve(),
  });
  await records.log.passed({
    topic: statementsTopic,
    group: 'lrs-ingest',
    signal: AbortSignal.timeout(20_000),
  });
  await consumer.stop();
}

const isUp = { engines: [{ reachable: true }, { reachable: true }] };

describe('the health of the record store', () => {
  beforeAll(async () => {
    records = await runRecords();
    school = records.school();
    admin = await school.person('ADMIN');
  }, 60_000);
  afterAll(() => records.stop());

  test('says how much there is, and how fast it comes', async () => {
    await eventually(async () => {
      expect(await health(admin)).toMatchObject({ ingest: 'CURRENT', lag: 0, queryable: 0, ...isUp });
    });
    await school.store([did(), did(), did()], new Date(Date.now() - 5_000));
    await school.store([did()], new Date(Date.now() - 60_000));
    const found = await health(admin);
    expect(found).toMatchObject({ queryable: 4, acceptedPerSecond: 0.3 });
    expect(Date.now() - Date.parse(found.queryableThrough!)).toBeLessThan(10_000);
  });

  test('says that ingest is behind, since when, and when it no longer is', async () => {
    const before = Date.now();
    await school.receive([did()]);
    await eventually(async () => {
      const found = await health(admin);
      expect(found.lag).toBeGreaterThan(2_000);
      expect(found.ingest).toBe('BEHIND');
      expect(Date.parse(found.queryableThrough!)).toBeLessThanOrEqual(before);
    });
    await ingestAll();
    await eventually(async () => {
      const found = await health(admin);
      expect(found).toMatchObject({ ingest: 'CURRENT', lag: 0 });
      expect(Date.parse(found.queryableThrough!)).toBeGreaterThan(before);
    });
  });

  test('tells another organisation nothing of it', async () => {
    const stranger = await records.school().person('ADMIN');
    expect(await health(stranger)).toMatchObject({ queryable: 0, acceptedPerSecond: 0, statementBytes: 0 });
  });

  test('of all organisations is for who stands above them', async () => {
    const query = `{ recordStoreVolumes {
      statements clickHouseBytes logBytes backlog partitions { partition backlog ingest lag } engines { reachable }
    } }`;
    const above = await records.school().person('PLATFORM_ADMIN');
    await school.receive([did()]);
    await eventually(async () => {
      const { data } = await above.ask(query);
      expect(data).toMatchObject({ recordStoreVolumes: { statements: 4, backlog: 1, ...isUp } });
      expect(data).toMatchObject({ recordStoreVolumes: { partitions: [{}, {}, {}, {}] } });
    });
    await ingestAll();
    const { errors } = await admin.ask(query);
    expect(errors).toMatchObject([{ extensions: { code: 'FORBIDDEN', missing: 'store.volume.read' } }]);
  });

  test.each(['AUTHOR', 'INSTRUCTOR', 'LEARNER', 'OBSERVER'] as const)('is FORBIDDEN to %s', async (role) => {
    const { ask } = await school.person(role);
    const { errors } = await ask('{ recordStoreHealth { lag } }');
    expect(errors).toMatchObject([{ extensions: { code: 'FORBIDDEN', missing: 'store.health.read' } }]);
  });
});

interface Rate {
  through: string;
  perSecond: number;
  seconds: { start: string; statements: number }[];
}

describe('live,', () => {
  const open: LiveSubscription<unknown>[] = [];
  const listen = <Data>(person: Person, query: string): LiveSubscription<Data> => {
    const live = subscribe<Data>(records.url, query, { token: person.token });
    open.push(live);
    return live;
  };
  const listenToRate = (person: Person, history?: number) =>
    listen<{ statementRateMeasured: Rate }>(
      person,
      `subscription { statementRateMeasured${history === undefined ? '' : `(history: ${history})`} {
        through perSecond seconds { start statements } } }`,
    );

  beforeAll(async () => {
    records = await runRecords();
    school = records.school();
    admin = await school.person('ADMIN');
  }, 60_000);
  afterEach(async () => {
    await Promise.all(open.splice(0).map((live) => live.close()));
  });
  afterAll(() => records.stop());

  test('the health comes at once and again', async () => {
    const live = listen<{ recordStoreHealthMeasured: Health }>(
      admin,
      `subscription { recordStoreHealthMeasured { ${fields} } }`,
    );
    expect((await live.next()).data.recordStoreHealthMeasured).toMatchObject({ queryable: 0, ...isUp });
    await school.store([did()], new Date(Date.now() - 3_600_000));
    await eventually(async () => {
      expect((await live.next()).data.recordStoreHealthMeasured.queryable).toBe(1);
    });
  });

  test('every second of a rate comes once, in order, with what was stored in it, and nobody else’s', async () => {
    const live = listenToRate(await school.person('INSTRUCTOR'), 30);
    await school.store([did(), did()], new Date(Date.now() - 20_000));
    const first = (await live.next()).data.statementRateMeasured;
    expect(first.seconds).toHaveLength(30);
    const seconds = [...first.seconds];
    await school.store([did(), did(), did()], new Date());
    await records.school().store([did()], new Date());
    for (let events = 0; events < 5; events += 1)
      seconds.push(...(await live.next()).data.statementRateMeasured.seconds);
    const starts = seconds.map(({ start }) => Date.parse(start) / 1000);
    expect(starts).toEqual(starts.map((_start, index) => starts[0]! + index));
    expect(seconds.slice(30).reduce((sum, { statements }) => sum + statements, 0)).toBe(3);
  }, 30_000);

  test('a second is not told before all of it can be queried', async () => {
    const live = listenToRate(admin, 0);
    await live.next();
    await school.receive([did()]);
    await eventually(async () => {
      expect(await health(admin)).toMatchObject({ ingest: 'BEHIND' });
    });
    const through = (await health(admin)).queryableThrough!;
    let told = '';
    const reading = (async () => {
      for (;;) {
        told = (await live.next()).data.statementRateMeasured.through;
        if (told > through) return;
      }
    })();
    // Two more measurements of health are two chances to tell too much.
    const beside = listen(admin, 'subscription { recordStoreHealthMeasured { measuredAt } }');
    for (let times = 0; times < 3; times += 1) await beside.next();
    expect(told <= through).toBe(true);
    await ingestAll();
    await reading;
  }, 40_000);

  test('is measured once for all who listen', async () => {
    const queries = jest.spyOn(
      Object.getPrototypeOf(records.clickHouse.client) as { query(o: { query: string }): unknown },
      'query',
    );
    const asked = () =>
      queries.mock.calls.filter(([{ query }]) => query.includes('intDiv(toUnixTime')).length;
    const followers = await Promise.all(
      Array.from({ length: 6 }, async () => listenToRate(await records.school().person('ADMIN'))),
    );
    const [one] = followers;
    for (const follower of followers) await follower.next();
    await one!.next();
    const before = asked();
    for (let times = 0; times < 3; times += 1) await one!.next();
    expect(asked() - before).toBeLessThanOrEqual(4);
    queries.mockRestore();
  }, 30_000);

  test.each([-1, 901])('a history of %i seconds is INVALID', async (history) => {
    const { errors } = await listenToRate(admin, history).next();
    expect(errors).toMatchObject([{ extensions: { code: 'INVALID', field: ['history'] } }]);
  });

  test('a learner is told no rate', async () => {
    const { errors } = await listenToRate(await school.person('LEARNER')).next();
    expect(errors).toMatchObject([{ extensions: { code: 'FORBIDDEN' } }]);
  });
});

test('while ClickHouse is down, the health says so, and what the log knows', async () => {
  records = await runRecords();
  school = records.school();
  admin = await school.person('ADMIN');
  await records.clickHouse.stop();
  const asked = Date.now();
  const found = await health(admin);
  expect(Date.now() - asked).toBeLessThan(5_000);
  expect(found).toMatchObject({
    ...{ queryable: null, acceptedPerSecond: null, statementBytes: null },
    engines: [
      { engine: 'CLICKHOUSE', reachable: false },
      { engine: 'EVENT_LOG', reachable: true, reason: null },
    ],
  });
  expect(found.ingest).toBe('CURRENT');
  expect(JSON.stringify(found)).not.toMatch(/127\.0\.0\.1|ECONN/);
  const live = subscribe<{ recordStoreHealthMeasured: Health }>(
    records.url,
    `subscription { recordStoreHealthMeasured { ${fields} } }`,
    { token: admin.token },
  );
  for (let times = 0; times < 2; times += 1)
    expect((await live.next()).data.recordStoreHealthMeasured.queryable).toBeNull();
  await live.close();
  await records.stop().catch(() => undefined);
}, 90_000);

describe('how far ingest is', () => {
  let now = 0;
  const position = (end: number, committed: number | undefined, start = 0) => ({
    ...{ partition: 0, start: BigInt(start), end: BigInt(end) },
    committed: committed === undefined ? undefined : BigInt(committed),
  });
  const tracked = () => createProgressTracker({ now: () => now });

  test('follows from where the log ended: lag, through, and a standstill', () => {
    const progress = tracked();
    const at = (time: number, end: number, committed: number) => {
      now = time;
      progress.note([position(end, committed)], time);
      return progress.of('org_a');
    };
    expect(at(0, 10, 10)).toEqual({ state: 'CURRENT', through: new Date(0), lagMs: 0 });
    expect(at(1_000, 20, 10)).toMatchObject({ state: 'CURRENT', lagMs: 1_000 });
    expect(at(2_000, 30, 20)).toMatchObject({ state: 'CURRENT', through: new Date(1_000), lagMs: 1_000 });
    expect(at(6_000, 40, 25)).toMatchObject({ state: 'BEHIND', through: new Date(1_000), lagMs: 5_000 });
    expect(at(15_999, 40, 25)).toMatchObject({ state: 'BEHIND' });
    expect(at(16_001, 40, 25)).toMatchObject({ state: 'STALLED', through: new Date(1_000) });
    expect(at(17_000, 40, 40)).toEqual({ state: 'CURRENT', through: new Date(17_000), lagMs: 0 });
  });

  test('is not known while the log is silent, nor of what was there before', () => {
    const progress = tracked();
    now = 0;
    progress.note([position(10, 5)], 0);
    expect(progress.of('org_a')).toEqual({ state: 'BEHIND', through: null, lagMs: null });
    now = 10_001;
    expect(progress.of('org_a')).toEqual({ state: 'UNKNOWN', through: null, lagMs: null });
  });

  test('is known of a topic that was not there before', () => {
    const progress = tracked();
    now = 0;
    progress.note([], 0);
    expect(progress.of('org_a')).toEqual({ state: 'CURRENT', through: new Date(0), lagMs: 0 });
    now = 500;
    progress.note([position(1, undefined)], 500);
    expect(progress.of('org_a')).toEqual({ state: 'CURRENT', through: new Date(0), lagMs: 500 });
  });

  test('counts what retention has removed as no backlog, and begins again with a new log', () => {
    const progress = tracked();
    now = 0;
    progress.note([position(10, undefined, 10)], 0);
    expect(progress.all()).toMatchObject([{ backlog: 0, lagMs: 0 }]);
    progress.note([position(3, undefined)], 0);
    expect(progress.all()).toMatchObject([{ backlog: 3, through: null }]);
  });

  test('takes bounded memory, however long ingest stands still, and stays true', () => {
    const progress = tracked();
    for (now = 0; now < 100_000; now += 10) progress.note([position(now + 1, 0)], now);
    now = 100_000;
    progress.note([position(200_000, 50_000)], now);
    const { through } = progress.of('org_a');
    expect(through!.getTime()).toBeLessThan(50_000);
    expect(through!.getTime()).toBeGreaterThan(30_000);
  });
});
