import { expect, test } from '@jest/globals';
import { eventually } from '@lyceum/testing';
import { startProcess } from './kit/child.ts';
import { prepareGround, type Ground } from './kit/lrs.ts';
import { prepareTables } from './kit/old-statements.ts';
import { createStoreAsker, manyStatements, type StoreAsker } from './kit/store-jobs.ts';

const ingestMain = 'lrs/src/ingest/main.ts';

/** 21,600 of January, the rest of February; one is a second after the other. */
const dropped = 48_000;
const rules = [{ before: '2025-06-01T00:00:00.000Z' }];

async function prepare(): Promise<{ ground: Ground; asker: StoreAsker }> {
  const ground = await prepareGround();
  await prepareTables(ground);
  await ground.clickHouse.command({ query: manyStatements('org_a', dropped, '2025-01-31 18:00:00') });
  await ground.clickHouse.command({ query: manyStatements('org_a', 700, '2025-06-01 00:00:00') });
  await ground.clickHouse.command({ query: manyStatements('org_b', 300, '2025-01-31 23:59:00') });
  return { ground, asker: await createStoreAsker(ground.log) };
}

async function numbers({ clickHouse }: Ground, query: string): Promise<number[]> {
  const answer = await clickHouse.query({ query, format: 'JSONCompactEachRow' });
  return (await answer.json<unknown[]>())[0]!.map(Number);
}

/** All of January's and February's are gone, with what was counted of people; nothing else is. */
async function expectDropped(ground: Ground): Promise<void> {
  expect([
    await ground.count(`organisation = 'org_a'`),
    await ground.count(`organisation = 'org_b'`),
  ]).toEqual([700, 300]);
  const ids = `SELECT uniqExact(id), countIf(organisation != 'org_a') FROM dropped_statements`;
  expect(await numbers(ground, ids)).toEqual([dropped, 0]);
  const sum = (table: string, of: string) =>
    numbers(
      ground,
      `SELECT sum(statements), min(statements) >= 0 FROM ${table} WHERE organisation = '${of}'`,
    );
  expect([await sum('actor_hours', 'org_a'), await sum('actor_hours', 'org_b')]).toEqual([
    [700, 1],
    [300, 1],
  ]);
  expect(await sum('verb_minutes', 'org_a')).toEqual([dropped + 700, 1]);
  // By the projection, which is a copy of its own.
  const byId = `SELECT count() FROM (SELECT organisation, id FROM statements ORDER BY organisation, id)`;
  expect(await numbers(ground, byId)).toEqual([1_000]);
}

const isDeleting = (table: string) => `SELECT count() FROM system.mutations
  WHERE database = currentDatabase() AND table = '${table}' AND position(command, 'dropped_statements') > 0`;

test('kill -9 while ids are noted and while rows are deleted: it goes on, and each is dropped once', async () => {
  const { ground, asker } = await prepare();
  let ingest = await startProcess(ingestMain, ground.env);
  const restart = async () => {
    await ingest.kill();
    ingest = await startProcess(ingestMain, ground.env);
  };
  const job = await asker.ask({ kind: 'RETENTION', organisationId: 'org_a', rules });
  await asker.until(job, ({ total }) => total === dropped);
  await restart();
  await asker.until(job, ({ done }) => done >= 20_000);
  await restart();
  await eventually(
    async () => {
      expect((await numbers(ground, isDeleting('statements')))[0]).toBe(1);
    },
    { timeoutMs: 60_000, pauseMs: 2 },
  );
  await restart();
  await asker.until(job, ({ written }) => written > 0);
  await restart();
  expect(await asker.end(job)).toMatchObject({
    state: 'DONE',
    total: dropped,
    done: dropped,
    written: dropped,
  });
  await expectDropped(ground);
  asker.stop();
  await ingest.stop();
  await ground.close();
}, 180_000);

test('two processes never both drop, and what one has begun the other ends', async () => {
  const { ground, asker } = await prepare();
  const both = [await startProcess(ingestMain, ground.env), await startProcess(ingestMain, ground.env)];
  const job = await asker.ask({ kind: 'RETENTION', organisationId: 'org_a', rules });
  await asker.until(job, ({ done }) => done > 0);
  await both[0]!.kill();
  expect(await asker.end(job)).toMatchObject({ state: 'DONE', done: dropped, written: dropped });
  const done = asker.told(job).map((each) => each.done);
  expect(done).toEqual([...done].sort((one, other) => one - other));
  await expectDropped(ground);
  const [mutations = 0] = await numbers(ground, isDeleting('statements'));
  expect(mutations).toBeLessThanOrEqual(3);
  asker.stop();
  await both[1]!.stop();
  await ground.close();
}, 180_000);
