import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { isUuid } from '@lyceum/xapi';
import { startIngest } from '../src/ingest/main.ts';
import { readEnv as readIngestEnv } from '../src/ingest/env.ts';
import { readEnv } from '../src/receive/env.ts';
import { startReceive } from '../src/receive/main.ts';
import { keepErrors } from './kit/kept-errors.ts';
import { knows, prepareGround, type Ground } from './kit/lrs.ts';
import { statement, statements } from './kit/statements.ts';
import { xapiClient, type XapiClient } from './kit/xapi-client.ts';

type Sent = Record<string, unknown>;

/** The promises of ids/statement-ids.ts, over HTTP and two receivers; ingest begins where a test lets it. */
export function statementIdsContract(name: string, more: () => NodeJS.ProcessEnv): void {
  describe(`ids of statements on ${name}`, () => {
    let ground: Ground;
    let one: XapiClient;
    let two: XapiClient;
    let foreign: XapiClient;
    const errors = keepErrors();
    const running: { stop(): Promise<void> }[] = [];
    const show = () => {
      errors.show();
    };

    beforeAll(async () => {
      ground = await prepareGround(more());
      await ground.createKey({ name: 'tool', organisationId: 'org_a' });
      await ground.createKey({ name: 'other', organisationId: 'org_b' });
      // For the tables of ClickHouse; from then on nothing reaches it.
      await (await startIngest(readIngestEnv(ground.env), errors.logger)).stop();
      for (const _receiver of [1, 2]) running.push(await startReceive(readEnv(ground.env), errors.logger));
      const [first = '', second = ''] = running.map((each) => (each as { url?: string }).url ?? '');
      one = xapiClient(first, 'tool', show);
      two = xapiClient(second, 'tool', show);
      foreign = xapiClient(second, 'other', show);
      await Promise.all([one, two, foreign].map(knows));
    }, 120_000);

    afterAll(async () => {
      for (const each of running) await each.stop();
      await ground.close();
    }, 60_000);

    const read = (client: XapiClient, id: unknown) => client.get(`?statementId=${String(id)}`);

    /** To both receivers in turns, all at once. */
    const postAll = (all: readonly unknown[]) =>
      Promise.all(all.map((each, index) => (index % 2 === 0 ? one : two).post(each)));

    test('what is accepted is read by its id at once, at every receiver, before ClickHouse knows of it', async () => {
      const given = statements(3);
      const made = [1, 2, 3].map(() => statement({ id: undefined }));
      const answers = await postAll([given, made]);
      const ids = answers.flatMap(({ body }) => body as unknown as string[]);
      expect(ids.slice(0, 3)).toEqual(given.map(({ id }) => id));
      expect(ids.filter(isUuid)).toHaveLength(6);
      for (const id of ids) {
        for (const client of [one, two]) {
          const { status, body, headers } = await read(client, id);
          expect([status, body['id']]).toEqual([200, id]);
          expect(body['authority']).toMatchObject({ account: { name: 'lrskey_tool' } });
          expect(headers.get('last-modified')).toBeTruthy();
        }
        expect((await read(foreign, id)).status).toBe(404);
      }
      expect((await read(one, randomUUID())).status).toBe(404);
    });

    test('a credential that may read its own only does not see another’s at once', async () => {
      const sent = statement();
      await one.post(sent);
      await ground.createKey({
        name: 'mine',
        organisationId: 'org_a',
        scopes: ['statements/read/mine', 'statements/write'],
      });
      const mine = xapiClient(one.url, 'mine', show);
      await knows(mine);
      const own = statement();
      await mine.post(own);
      expect([(await read(mine, sent['id'])).status, (await read(mine, own['id'])).status]).toEqual([
        404, 200,
      ]);
    });

    test('equal statements with one id, many at once: all are accepted, one is stored', async () => {
      const sent = statement();
      const answers = await postAll(Array.from({ length: 40 }, () => sent));
      expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200));
      expect(new Set(answers.map(({ text }) => text))).toEqual(new Set([JSON.stringify([sent['id']])]));
      expect(await appendedWith(sent['id'])).toBe(1);
    });

    test('different statements with one id, many at once: one is accepted, the others are 409', async () => {
      const id = randomUUID();
      const all = Array.from({ length: 40 }, (_, index) =>
        statement({ id, result: { response: String(index) } }),
      );
      const answers = await postAll(all);
      const accepted = answers.flatMap(({ status }, index) => (status === 200 ? [index] : []));
      expect(accepted).toHaveLength(1);
      const refused = answers.filter(({ status }) => status !== 200);
      expect(refused.map(({ status, body }) => [status, body.error.code])).toEqual(
        refused.map(() => [409, 'STATEMENT_CONFLICT']),
      );
      expect((await read(one, id)).body['result']).toEqual({ response: String(accepted[0]) });
      expect(await appendedWith(id)).toBe(1);
    });

    test('batches that share ids, in any order, many at once: none waits for ever, each id has one statement', async () => {
      const shared = statements(30);
      const batches = Array.from({ length: 20 }, (_, turn) => [
        ...statements(3),
        ...(turn % 2 === 0 ? shared : [...shared].reverse()),
      ]);
      const answers = await postAll(batches);
      expect(answers.map(({ status }) => status)).toEqual(batches.map(() => 200));
      expect(answers.map(({ body }) => body)).toEqual(batches.map((batch) => batch.map(({ id }) => id)));
      const all = new Set([...shared, ...batches.flat()].map(({ id }) => String(id)));
      const logged = (await idsOnLog()).filter((id) => all.has(id));
      expect([logged.length, new Set(logged).size]).toEqual([all.size, all.size]);
    });

    test('one conflict in a batch: nothing of it is accepted, and the answer says where', async () => {
      const there = statement();
      await one.post(there);
      const batch = [...statements(5), { ...there, result: { success: true } }, ...statements(4)];
      const { status, body } = await two.post(batch);
      expect([status, body.error.code, body.error.faults[0]?.path]).toEqual([
        409,
        'STATEMENT_CONFLICT',
        '[5].id',
      ]);
      const others = batch.filter((each) => each['id'] !== there['id']);
      for (const { id } of others) expect((await read(one, id)).status).toBe(404);
      // Their ids are free.
      const anew = others.map((each) => ({ ...each, result: { completion: true } }));
      expect((await one.post(anew)).status).toBe(200);
    });

    test('a batch that is known in parts: the rest is accepted, ids that are made among it', async () => {
      const known = statements(3);
      await one.post(known);
      const anew = [statement({ id: undefined }), statement()];
      const [a, b, c] = known;
      const { status, body } = await two.post([a, anew[0], b, anew[1], c]);
      const ids = body as unknown as string[];
      expect([status, ids[0], ids[2], ids[3], ids[4]]).toEqual([
        200,
        a?.['id'],
        b?.['id'],
        anew[1]?.['id'],
        c?.['id'],
      ]);
      expect((await read(one, ids[1])).status).toBe(200);
      const logged = (await idsOnLog()).filter((id) => ids.includes(id));
      expect(logged.sort()).toEqual([...ids].sort());
    });

    test('a statement that was read may be sent again; with an id that was made here too', async () => {
      const { body } = await one.post(statement({ id: undefined }));
      const [id] = body as unknown as string[];
      const text = (await read(two, id)).text;
      expect((await two.post(text)).status).toBe(200);
      expect(await appendedWith(id)).toBe(1);
      expect((await two.post(statement({ id, result: { success: false } }))).status).toBe(409);
    });

    test('PUT: the same again is 204, another is 409', async () => {
      const id = randomUUID();
      const put = (body: Sent) =>
        one.send('PUT', `/xapi/statements?statementId=${id}`, { body: JSON.stringify(body) });
      const sent = statement({ id: undefined });
      expect([(await put(sent)).status, (await put(sent)).status]).toEqual([204, 204]);
      const conflict = await put({ ...sent, result: { success: true } });
      expect([conflict.status, conflict.body.error.faults[0]?.path]).toEqual([409, 'id']);
    });

    test('the same id in another organisation is another statement', async () => {
      const sent = statement();
      await one.post(sent);
      const other = { ...sent, result: { success: true } };
      expect((await foreign.post(other)).status).toBe(200);
      expect((await read(foreign, sent['id'])).body['result']).toEqual({ success: true });
      expect((await read(one, sent['id'])).body['result']).toBeUndefined();
    });

    test('ids in upper case are the same ids', async () => {
      const sent = statement();
      await one.post(sent);
      const upper = { ...sent, id: String(sent['id']).toUpperCase() };
      expect((await two.post(upper)).status).toBe(200);
      expect((await two.post({ ...upper, result: { success: true } })).status).toBe(409);
    });

    test('once ClickHouse has them, all of this is as before', async () => {
      const before = statement();
      await one.post(before);
      running.push(await startIngest(readIngestEnv(ground.env), errors.logger));
      await ground.ingested();
      expect(await ground.count(`id = '${String(before['id'])}'`)).toBe(1);
      const query = 'SELECT count() - uniqExact(organisation, id) FROM statements';
      const answer = await ground.clickHouse.query({ query, format: 'TabSeparated' });
      expect(await answer.text()).toBe('0\n');
      expect((await two.post(before)).status).toBe(200);
      expect((await two.post({ ...before, result: { success: true } })).status).toBe(409);
      expect((await read(two, before['id'])).status).toBe(200);
      await ground.ingested();
      expect(await ground.count(`id = '${String(before['id'])}'`)).toBe(1);
    }, 90_000);

    /** How many statements on the log have the id. */
    async function appendedWith(id: unknown): Promise<number> {
      return (await idsOnLog()).filter((each) => each === id).length;
    }

    async function idsOnLog(): Promise<string[]> {
      const reading = new AbortController();
      const tail = ground.log.tail({
        topic: 'statements',
        from: { since: new Date(0) },
        signal: reading.signal,
      });
      await tail.ready;
      const found: string[] = [];
      void tail.caughtUp.then(() => {
        reading.abort();
      });
      for await (const record of tail) {
        if (record.key === 'org_a') found.push(...idsOf(record.value));
      }
      return found;
    }
  });
}

function idsOf(value: Buffer): string[] {
  return value
    .toString()
    .trimEnd()
    .split('\n')
    .map((line) => line.slice(0, 36));
}
