import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { RunningService } from '@lyceum/service';
import { eventually } from '@lyceum/testing';
import {
  agentOf,
  createStamper,
  createStoredClock,
  encodeStatementBatch,
  type Statement,
} from '@lyceum/xapi';
import { readEnv } from '../src/ingest/env.ts';
import { startIngest } from '../src/ingest/main.ts';
import { rollUps } from '../src/roll-ups/roll-up.ts';
import { startProcess } from './kit/child.ts';
import { keepErrors } from './kit/kept-errors.ts';
import { prepareGround, publicUrl, type Ground } from './kit/lrs.ts';
import { statements } from './kit/statements.ts';

const errors = keepErrors();
let ground: Ground;
let ingest: RunningService | undefined;

const start = async () => {
  ingest = await startIngest(readEnv(ground.env), errors.logger);
};
const stop = async () => {
  await ingest?.stop();
  ingest = undefined;
};

const select = async (query: string) =>
  (await (await ground.clickHouse.query({ query, format: 'TabSeparated' })).text()).trim();
const command = (query: string) => ground.clickHouse.command({ query });

/** `at`: what the clock says that stamps them. */
async function append(batch: readonly Record<string, unknown>[], at = new Date(), organisationId = 'org_a') {
  const clock = createStoredClock(() => at.getTime());
  const stamp = createStamper({ authority: agentOf(publicUrl, 'lyceum'), version: '1.0.0' });
  const stamped = batch.map((each) =>
    stamp(each as unknown as Statement, JSON.stringify(each), clock.next()),
  );
  await ground.log.append([encodeStatementBatch({ organisationId, publicUrl, statements: stamped })]);
}

/** Of what the roll-ups count otherwise than the statements: how many rows each. */
async function wrong(): Promise<Record<string, number>> {
  const found: Record<string, number> = {};
  for (const { table, bucket, by, where } of rollUps) {
    const start = bucket === 'minute' ? 'toStartOfMinute' : 'toStartOfHour';
    const columns = ['organisation', bucket, ...by].join(', ');
    found[table] = Number(
      await select(`SELECT count() FROM (
        SELECT organisation, ${start}(toDateTime(stored, 'UTC')) AS ${bucket}, ${by.join(', ')}, count() AS n
        FROM statements WHERE ${where} GROUP BY ${columns}) AS said
        FULL OUTER JOIN (SELECT ${columns}, sum(statements) AS n FROM ${table} GROUP BY ${columns}) AS counted
        USING (${columns}) WHERE said.n != counted.n`),
    );
  }
  return found;
}

const right = { verb_minutes: 0, activity_hours: 0, actor_hours: 0 };

const isFilled = () =>
  eventually(
    async () => {
      expect(await select(`SELECT count() FROM roll_up_filling WHERE day = '1970-01-01'`)).toBe('3');
    },
    { timeoutMs: 60_000 },
  );

/** What a version without roll-ups leaves behind: statements of ten days, which nothing has counted. */
async function prepareOld(): Promise<void> {
  await start();
  await isFilled();
  for (const { table } of rollUps) await command(`DETACH TABLE ${table}_of_statements`);
  for (let day = 0; day < 10; day += 1)
    await append(statements(20), new Date(Date.now() - day * 86_400_000 - 3_600_000));
  await append(statements(7), new Date(Date.now() - 86_400_000), 'org_b');
  await ground.ingested();
  for (const { table } of rollUps) await command(`ATTACH TABLE ${table}_of_statements`);
  await stop();
  await command('TRUNCATE TABLE roll_up_filling');
}

beforeEach(async () => {
  ground = await prepareGround();
}, 60_000);
afterEach(async () => {
  errors.show();
  await stop();
  await ground.close();
});

describe('statements that were there before a roll-up was', () => {
  test('are counted once, while others come in', async () => {
    await prepareOld();
    expect(Object.values(await wrong()).every((rows) => rows > 0)).toBe(true);
    await start();
    const loaded = new AbortController();
    const loading = (async () => {
      while (!loaded.signal.aborted) await append(statements(5)).then(() => ground.ingested());
    })();
    await isFilled();
    loaded.abort();
    await loading;
    await ground.ingested();
    expect(await wrong()).toEqual(right);
  }, 90_000);

  test('are counted once also where it was cut off by kill -9, and begins again', async () => {
    await prepareOld();
    // Of three days it is remembered that they were counted; the rest, and what a crash has left of a day, comes again.
    for (let times = 0; times < 3; times += 1) {
      const process = await startProcess('lrs/src/ingest/main.ts', ground.env);
      await eventually(async () => {
        expect(Number(await select('SELECT count() FROM roll_up_filling'))).toBeGreaterThan(times * 2);
      });
      await process.kill();
    }
    await start();
    await isFilled();
    expect(await wrong()).toEqual(right);
  }, 90_000);

  test('by a block that a crash had left in the table alone, which then comes again', async () => {
    await start();
    await isFilled();
    await stop();
    // The roll-up lacks what the table has, as after a crash between the two: the token brings it later.
    await command('DETACH TABLE verb_minutes_of_statements');
    await start();
    await append(statements(30));
    await ground.ingested();
    await command('ATTACH TABLE verb_minutes_of_statements');
    await stop();
    await command('TRUNCATE TABLE roll_up_filling');
    await start();
    await isFilled();
    expect(await wrong()).toEqual(right);
  }, 60_000);

  test('are looked through once: the next start does nothing', async () => {
    await prepareOld();
    await start();
    await isFilled();
    await stop();
    // What is missing from now on shows that nobody looks.
    await command(`ALTER TABLE verb_minutes DELETE WHERE 1 SETTINGS mutations_sync = 2`);
    await start();
    await append(statements(3));
    await ground.ingested();
    expect(await select('SELECT sum(statements) FROM verb_minutes')).toBe('3');
    expect(await select("SELECT count() FROM roll_up_filling WHERE day = '1970-01-01'")).toBe('3');
  }, 60_000);
});
