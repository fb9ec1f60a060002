import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { startIngest } from '../src/ingest/main.ts';
import { readEnv as readIngestEnv } from '../src/ingest/env.ts';
import { readEnv } from '../src/receive/env.ts';
import { startReceive } from '../src/receive/main.ts';
import { keepErrors } from './kit/kept-errors.ts';
import { knows, prepareGround, type Ground } from './kit/lrs.ts';
import { prepareTables } from './kit/old-statements.ts';
import { statement, statements } from './kit/statements.ts';
import { createStoreAsker } from './kit/store-jobs.ts';
import { xapiClient, type XapiClient } from './kit/xapi-client.ts';

/** What was dropped keeps its id, where neither the log nor PostgreSQL has the statement: by the digest alone. */
export function droppedIdsContract(name: string, more: () => NodeJS.ProcessEnv): void {
  describe(`ids of dropped statements on ${name}`, () => {
    let ground: Ground;
    let client: XapiClient;
    const running: { stop(): Promise<void> }[] = [];
    const errors = keepErrors();
    const show = () => {
      errors.show();
    };
    const timestamp = '2025-12-20T10:00:00.000Z';
    const [plain, timed, kept] = [statement(), statement({ timestamp }), statement()];
    /** Dropped before this log, or this PostgreSQL, was there. */
    const before = statement();
    const ids = (all: readonly Record<string, unknown>[]) => all.map(({ id }) => `'${String(id)}'`).join();

    beforeAll(async () => {
      ground = await prepareGround(more());
      await prepareTables(ground);
      const rowOf = (sent: Record<string, unknown>, stored: string) => ({
        organisation: 'org_a',
        id: sent['id'],
        stored,
        statement: JSON.stringify({ timestamp, ...sent, stored, version: '1.0.0', authority: sent['actor'] }),
      });
      const values = [
        ...[plain, timed].map((each) => rowOf(each, '2025-12-20 10:00:00.000000')),
        rowOf(kept, '2026-02-01 10:00:00.000000'),
      ];
      await ground.clickHouse.insert({ table: 'statements', values, format: 'JSONEachRow' });
      const [organisation, stored] = ['org_a', '2020-01-01 00:00:00.000000'];
      const noted = {
        organisation,
        id: before['id'],
        stored,
        digest: 1,
        timed: 1,
        job: 'storejob_1',
        dropped: 1,
      };
      await ground.clickHouse.insert({
        table: 'dropped_statements',
        values: [noted],
        format: 'JSONEachRow',
      });
      await ground.createKey({ name: 'tool', organisationId: 'org_a' });
      await ground.createKey({ name: 'other', organisationId: 'org_b' });
      running.push(await startIngest(readIngestEnv(ground.env), errors.logger));
      const receive = await startReceive(readEnv(ground.env), errors.logger);
      running.unshift(receive);
      client = xapiClient(receive.url ?? '', 'tool', show);
      await knows(client);
      const asker = await createStoreAsker(ground.log);
      const rules = [{ before: '2026-01-01T00:00:00.000Z' }];
      const job = await asker.ask({ kind: 'RETENTION', organisationId: 'org_a', rules });
      expect(await asker.end(job)).toMatchObject({ state: 'DONE', total: 2, written: 2 });
      asker.stop();
    }, 120_000);

    afterAll(async () => {
      for (const each of running) await each.stop();
      await ground.close();
    }, 60_000);

    const read = (each: Record<string, unknown>) => client.get(`?statementId=${String(each['id'])}`);

    test('one is read no more, and what is not due is there', async () => {
      const answers = await Promise.all([plain, timed, kept].map(read));
      expect(answers.map(({ status }) => status)).toEqual([404, 404, 200]);
    });

    test('the same statement again is known, and is stored no more', async () => {
      expect((await client.post([plain, timed, kept])).status).toBe(200);
      const batch = [...statements(3), plain];
      const { status, body } = await client.post(batch);
      expect([status, body]).toEqual([200, batch.map(({ id }) => id)]);
      await ground.ingested();
      expect(await ground.count(`id IN (${ids([plain, timed])})`)).toBe(0);
      expect(await ground.count(`id IN (${ids(batch)})`)).toBe(3);
    });

    test.each<[string, () => Record<string, unknown>]>([
      ['a different statement', () => ({ ...plain, result: { success: true } })],
      ['one of another time', () => ({ ...timed, timestamp: '2025-12-20T10:00:00.000001Z' })],
      ['one by somebody else', () => ({ ...timed, actor: { mbox: 'mailto:bo@example.org' } })],
    ])('%s with the id is refused, with all of its request', async (_case, different) => {
      const other = statement();
      const { status, body } = await client.post([other, different()]);
      expect([status, body.error.code, body.error.faults[0]?.path]).toEqual([
        409,
        'STATEMENT_CONFLICT',
        '[1].id',
      ]);
      expect((await read(other)).status).toBe(404);
    });

    test('ids are taken that were dropped before, by what ClickHouse says', async () => {
      const { status, body } = await client.post(before);
      expect([status, body.error.code]).toEqual([409, 'STATEMENT_CONFLICT']);
      expect((await read(before)).status).toBe(404);
    });

    test('to another organisation the id is free', async () => {
      const foreign = xapiClient(client.url, 'other', show);
      await knows(foreign);
      expect((await foreign.post({ ...plain, result: { success: false } })).status).toBe(200);
      await ground.ingested();
      expect(await ground.count(`organisation = 'org_b'`)).toBe(1);
    });
  });
}
