import { createHash } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { pieceBytes } from '@lyceum/events/personal-data';
import type { RunningService } from '@lyceum/service';
import { eventually } from '@lyceum/testing';
import {
  agentOf,
  createStamper,
  createStoredClock,
  encodeStatementBatch,
  statementsTopic,
  type Statement,
} from '@lyceum/xapi';
import { isOfAgents } from '@lyceum/xapi/query';
import { readEnv } from '../src/ingest/env.ts';
import { ingestGroup } from '../src/ingest/group.ts';
import { startIngest } from '../src/ingest/main.ts';
import { rollUps } from '../src/roll-ups/roll-up.ts';
import { startProcess } from './kit/child.ts';
import { keepErrors } from './kit/kept-errors.ts';
import { prepareGround, publicUrl, type Ground } from './kit/lrs.ts';
import { createAsker, dump, type Asker } from './kit/personal-data.ts';
import { statement, statements } from './kit/statements.ts';

const errors = keepErrors();
let ground: Ground;
let asker: Asker;
let ingest: RunningService | undefined;

const sha1 = createHash('sha1').update('mailto:ada@example.org').digest('hex');
const account = { homePage: publicUrl, name: 'user_ada' };
const bo = { objectType: 'Agent', name: 'Bo', mbox: 'mailto:bo@example.org' };
const ada = { name: 'Ada Lovelace', mbox: 'mailto:Ada@Example.org' };

/** Statements as they are accepted, those given as text to the byte. `at`: what the clock says that stamps them. */
async function append(
  batch: readonly (Record<string, unknown> | string)[],
  { organisation = 'org_a', at }: { organisation?: string; at?: Date } = {},
): Promise<void> {
  const clock = at ? createStoredClock(() => at.getTime()) : createStoredClock();
  const stamp = createStamper({ authority: agentOf(publicUrl, 'lyceum'), version: '1.0.0' });
  const stamped = batch.map((each) => {
    const text = typeof each === 'string' ? each : JSON.stringify(each);
    return stamp(JSON.parse(text) as Statement, text, clock.next());
  });
  const record = encodeStatementBatch({ organisationId: organisation, publicUrl, statements: stamped });
  await ground.log.append([{ ...record, headers: { ...record.headers, defines: '1' } }]);
}

/** Every place that an agent may have. */
function everywhere(): Record<string, unknown>[] {
  return [
    statement({ actor: ada, result: { response: 'My essay, by Ada Lovelace', score: { scaled: 0.5 } } }),
    statement({ actor: { mbox_sha1sum: sha1 } }),
    statement({ actor: { name: 'Ada Lovelace', account } }),
    statement({ actor: bo, context: { instructor: ada } }),
    statement({ actor: bo, context: { team: { objectType: 'Group', name: 'Team', member: [bo, ada] } } }),
    statement({ actor: { objectType: 'Group', member: [bo, { mbox: 'mailto:ada@example.org' }] } }),
    statement({ actor: bo, object: { objectType: 'Agent', ...ada } }),
    statement({
      actor: bo,
      object: {
        objectType: 'SubStatement',
        actor: ada,
        verb: { id: 'http://v' },
        object: { id: 'http://o' },
      },
    }),
  ];
}

const start = async () => {
  ingest = await startIngest(readEnv(ground.env), errors.logger);
};

async function storedTexts(organisation = 'org_a'): Promise<string[]> {
  const query = `SELECT statement FROM statements WHERE organisation = '${organisation}' ORDER BY stored, id`;
  const text = await (await ground.clickHouse.query({ query, format: 'TabSeparatedRaw' })).text();
  return text.split('\n').slice(0, -1);
}

const holds = (count: number) =>
  eventually(
    async () => {
      expect(await ground.count()).toBe(count);
    },
    { timeoutMs: 30_000 },
  );

beforeEach(async () => {
  ground = await prepareGround();
  asker = await createAsker(ground.log);
  ingest = undefined;
}, 60_000);

afterEach(async () => {
  errors.show();
  asker.stop();
  await ingest?.stop();
  await ground.close();
});

describe('an export', () => {
  test('has every statement that names the person, to the byte, and nobody else’s', async () => {
    const odd = statement({ actor: ada, result: { response: 'Ωμέγα \u{1F98A} \\ " \u2028 end' } });
    const numbers = JSON.stringify(statement({ actor: ada, result: { score: { raw: 1 } } })).replace(
      '"raw":1',
      '"raw" : 12345678901234567890.10',
    );
    await append([...everywhere(), odd, numbers, ...statements(3, { actor: bo })]);
    await append(everywhere(), { organisation: 'org_b' });
    await append(statements(2), { at: new Date(Date.now() + 60_000) });
    await start();
    await holds(8 + 2 + 3 + 8 + 2);
    const done = await asker.answer(await asker.ask({ kind: 'EXPORT' }));
    expect(done).toMatchObject({
      service: 'lrs',
      pieces: 1,
      report: [{ what: 'statements', action: 'EXPORTED', count: 10 }],
    });
    expect(asker.file(done.jobId)).toBe(
      (await storedTexts())
        .slice(0, 10)
        .map((each) => `${each}\n`)
        .join(''),
    );
    expect(asker.file(done.jobId)).toContain('Ωμέγα');
    expect(asker.file(done.jobId)).toContain('12345678901234567890.10');
  }, 60_000);

  test('of much comes in pieces of whole lines; a line that is longer than one goes on in the next', async () => {
    const response = 'ü'.repeat(40_000);
    for (let i = 0; i < 3; i += 1) await append(statements(30, { actor: ada, result: { response } }));
    await append([
      statement({ actor: ada, result: { response: 'ß'.repeat(400_000) } }),
      statement({ actor: ada }),
    ]);
    await start();
    const done = await asker.answer(await asker.ask({ kind: 'EXPORT' }));
    const pieces = asker.pieces.filter(({ jobId }) => jobId === done.jobId);
    expect(done.report).toEqual([{ what: 'statements', action: 'EXPORTED', count: 92 }]);
    expect(pieces.map(({ place }) => place)).toEqual([...pieces.keys()]);
    expect(pieces).toHaveLength(done.pieces);
    expect(Math.max(...pieces.map(({ content }) => Buffer.byteLength(content)))).toBeLessThanOrEqual(
      pieceBytes,
    );
    const unfinished = pieces.filter(({ content }) => !content.endsWith('\n'));
    expect(unfinished).toHaveLength(3);
    expect(asker.file(done.jobId)).toBe((await storedTexts()).map((each) => `${each}\n`).join(''));
  }, 90_000);

  test('of a person without statements is empty', async () => {
    await append(statements(3));
    await start();
    const done = await asker.answer(await asker.ask({ kind: 'EXPORT', userId: 'user_nobody', emails: [] }));
    expect(done).toMatchObject({ pieces: 0, report: [] });
  }, 60_000);

  test('waits until all that the log had is in ClickHouse', async () => {
    ingestSlowly();
    for (let i = 0; i < 40; i += 1) await append(statements(20));
    const asked = await asker.ask({ kind: 'EXPORT' });
    await start();
    const { report } = await asker.answer(asked);
    expect(report).toEqual([{ what: 'statements', action: 'EXPORTED', count: 800 }]);
  }, 90_000);

  test('asked for again is told again, from what is known; not for other services, and not for the same event', async () => {
    await append(statements(3));
    await start();
    await holds(3);
    await asker.ask({ kind: 'EXPORT', services: ['learning'], jobId: 'privacyjob_other' });
    const jobId = await asker.ask({ kind: 'EXPORT' }, 2);
    await asker.answer(jobId);
    await asker.ask({ kind: 'EXPORT', jobId });
    const last = await asker.ask({ kind: 'ERASURE' });
    await asker.answer(last);
    expect(asker.done.map((each) => each.jobId)).toEqual([jobId, jobId, last]);
    expect(asker.done[1]).toEqual(asker.done[0]);
  }, 60_000);

  test('goes on where kill -9 ended it: the same places have the same pieces', async () => {
    const response = 'x'.repeat(4_000);
    for (let i = 0; i < 20; i += 1) await append(statements(200, { result: { response } }));
    const first = await startProcess('lrs/src/ingest/main.ts', ground.env);
    await holds(4_000);
    const asked = await asker.ask({ kind: 'EXPORT' });
    await eventually(() => {
      expect(asker.pieces.length).toBeGreaterThan(0);
    });
    await first.kill();
    expect(asker.done).toEqual([]);
    await start();
    const done = await asker.answer(asked);
    expect(done.report).toEqual([{ what: 'statements', action: 'EXPORTED', count: 4_000 }]);
    const places = new Map<number, string>();
    for (const { place, content } of asker.pieces) {
      expect(places.get(place) ?? content).toBe(content);
      places.set(place, content);
    }
    expect(places.size).toBe(done.pieces);
    expect(asker.file(asked)).toBe((await storedTexts()).map((each) => `${each}\n`).join(''));
  }, 120_000);
});

/** Small blocks, so that a long backlog takes its time. */
function ingestSlowly(): void {
  ground.env['INGEST_BLOCK_BYTES'] = '1024';
}

const traces = /ada@example\.org|Ada Lovelace|essay/i;

async function figures(): Promise<string> {
  const query = `SELECT count(), countIf(success), sum(score_scaled), groupBitXor(cityHash64(id, stored, timestamp, verb,
    activity, related_activities)), (SELECT sum(statements) FROM activity_minutes) FROM statements`;
  return (await ground.clickHouse.query({ query, format: 'TabSeparated' })).text();
}

/** By whom, in the roll-up of actors, and how many each. */
async function actors(organisation = 'org_a'): Promise<string> {
  const query = `SELECT actor, sum(statements) AS n FROM actor_hours WHERE organisation = '${organisation}'
    GROUP BY actor HAVING n != 0 ORDER BY actor`;
  return (await (await ground.clickHouse.query({ query, format: 'TabSeparatedRaw' })).text()).trim();
}

/** All tables, when ClickHouse has summed up what it sums up in the background. */
async function dumpMerged(): Promise<string> {
  for (const { table } of rollUps)
    await ground.clickHouse.command({ query: `OPTIMIZE TABLE ${table} FINAL` });
  return dump(ground, 'org_a');
}

async function learners(): Promise<number> {
  const query = `SELECT uniqIfMerge(actors) FROM activity_minutes WHERE organisation = 'org_a'`;
  return Number(await (await ground.clickHouse.query({ query, format: 'TabSeparated' })).text());
}

/** How many statements keys lead to. */
async function ledBy(keys: readonly string[], organisation = 'org_a'): Promise<number> {
  const query = `SELECT uniqExact(stored) FROM statement_keys
    WHERE organisation = {organisation:String} AND ${isOfAgents('keys')}`;
  const query_params = { organisation, keys };
  return Number(
    await (await ground.clickHouse.query({ query, query_params, format: 'TabSeparated' })).text(),
  );
}

describe('an erasure', () => {
  test('leaves the pseudonym, other people and all figures, and no trace in any table', async () => {
    await append([...everywhere(), ...statements(3, { actor: bo })]);
    await append(everywhere(), { organisation: 'org_b' });
    await start();
    await holds(19);
    await untilIngested();
    const before = await figures();
    const theirs = await storedTexts('org_b');
    expect(await learners()).toBe(4);
    const mailbox = ['mailto:ada@example.org', `sha1:${sha1}`];
    expect(await ledBy(mailbox)).toBe(7);
    expect(await dump(ground, 'org_a')).toMatch(traces);

    const done = await asker.answer(await asker.ask({ kind: 'ERASURE' }));
    expect(done).toMatchObject({
      pieces: 0,
      report: [
        { what: 'statements', action: 'REPLACED', count: 8 },
        { what: 'statements in the event log', action: 'KEPT', count: 8 },
      ],
    });
    const after = await dump(ground, 'org_a');
    expect(after).not.toMatch(traces);
    expect(after).not.toContain(sha1);
    expect(after).toContain('bo@example.org');
    expect(await figures()).toBe(before);
    expect(await storedTexts('org_b')).toEqual(theirs);
    const key = `account:${publicUrl}|user_ada`;
    expect(await ground.count(`has(related_agents, '${key}') AND organisation = 'org_a'`)).toBe(8);
    expect(await ground.count(`actor = '${key}' AND organisation = 'org_a'`)).toBe(3);
    expect([await ledBy(mailbox), await ledBy([key]), await ledBy(mailbox, 'org_b')]).toEqual([0, 8, 7]);

    // Bo, the group without a name, which counts as nobody, and Ada under one key, not three.
    expect(await learners()).toBe(2);

    expect(await actors()).toBe(`${key}\t3\nmailto:bo@example.org\t7`);
    expect(await actors('org_b')).toContain('mailto:Ada@Example.org\t1');

    const merged = await dumpMerged();
    const again = await asker.answer(await asker.ask({ kind: 'ERASURE' }));
    expect(again.report).toEqual(done.report);
    expect(await dumpMerged()).toBe(merged);
  }, 60_000);

  test('takes the person out of what was copied: what is reached by references, and names', async () => {
    const all = everywhere();
    const about = (id: unknown) => statement({ actor: bo, object: { objectType: 'StatementRef', id } });
    const first = all.map(({ id }) => about(id));
    await append([...all, ...first, ...first.map(({ id }) => about(id))]);
    await append(all, { organisation: 'org_b' });
    await start();
    await holds(32);
    const select = async (query: string) =>
      (await (await ground.clickHouse.query({ query, format: 'TabSeparated' })).text()).trim();
    const reached = `SELECT count(), countIf(has(related_agents, 'account:${publicUrl}|user_ada')) FROM statement_references
      FINAL WHERE target IN (SELECT id FROM statements WHERE object_type != 'StatementRef')`;
    const named = `SELECT count() FROM agent_names WHERE organisation = 'org_a' AND name LIKE 'Ada%'`;
    await eventually(async () => {
      expect((await select(reached)).split('\t')[0]).toBe('16');
      expect(await select(named)).toBe('2');
    });

    await asker.answer(await asker.ask({ kind: 'ERASURE' }));
    const after = await dump(ground, 'org_a');
    expect(after).not.toMatch(traces);
    expect(after).not.toContain(sha1);
    expect(await select(reached)).toBe('16\t16');
    expect(await select(`SELECT name FROM agent_names WHERE organisation = 'org_a'`)).toBe('Bo');
    expect(
      await select(`SELECT count() FROM agent_names WHERE organisation = 'org_b' AND name LIKE 'Ada%'`),
    ).toBe('2');
  }, 60_000);

  test('covers what the log had and ClickHouse had not, what comes late, and not what is new', async () => {
    ingestSlowly();
    for (let i = 0; i < 30; i += 1) await append(statements(10, { actor: ada }));
    const asked = await asker.ask({ kind: 'ERASURE' });
    await start();
    const done = await asker.answer(asked);
    expect(done.report[0]).toMatchObject({ action: 'REPLACED', count: 300 });
    expect(await dump(ground)).not.toMatch(traces);

    await append([statement({ actor: ada, result: { response: 'essay' } })], {
      at: new Date(Date.now() - 60_000),
    });
    await holds(301);
    expect(await dump(ground)).not.toMatch(traces);

    await append([statement({ actor: ada })]);
    await holds(302);
    expect(await ground.count(`actor = 'mailto:Ada@Example.org'`)).toBe(1);
    await untilIngested();
    // Within one hour, too, what is new is counted as whose it is.
    expect(await actors()).toBe(`account:${publicUrl}|user_ada\t301\nmailto:Ada@Example.org\t1`);
  }, 90_000);

  test('is not undone by the log: read again from its beginning it gives the same', async () => {
    await append([...everywhere(), ...statements(3, { actor: bo })]);
    await start();
    await holds(11);
    await asker.answer(await asker.ask({ kind: 'ERASURE' }));
    const erased = await storedTexts();
    await ingest?.stop();
    await againFromTheBeginning();
    await start();
    await untilIngested();
    expect(await storedTexts()).toEqual(erased);
    await ingest?.stop();

    await ground.clickHouse.command({ query: 'TRUNCATE TABLE statements' });
    await againFromTheBeginning();
    await start();
    await holds(11);
    expect(await storedTexts()).toEqual(erased);
    expect(await dump(ground)).not.toMatch(traces);
  }, 90_000);

  test('ends after kill -9 within it as if there had been none, beside statements that come in', async () => {
    for (let i = 0; i < 3; i += 1) await append(everywhere());
    const first = await startProcess('lrs/src/ingest/main.ts', ground.env);
    await holds(24);
    // A block is seen in its table a moment before it is seen in the roll-up.
    await untilIngested();
    const before = await figures();
    // What rewrites parts waits, so that the process ends within it.
    await ground.clickHouse.command({ query: 'SYSTEM STOP MERGES statements' });
    const asked = await asker.ask({ kind: 'ERASURE' });
    await eventually(
      async () => {
        const query =
          'SELECT count() FROM system.mutations WHERE database = currentDatabase() AND NOT is_done';
        const answer = await ground.clickHouse.query({ query, format: 'TabSeparated' });
        expect((await answer.text()).trim()).toBe('1');
      },
      { timeoutMs: 30_000 },
    );
    await first.kill();
    expect(await dump(ground)).toMatch(traces);
    await start();
    expect(asker.done).toEqual([]);
    await ground.clickHouse.command({ query: 'SYSTEM START MERGES statements' });
    const done = await asker.answer(asked);
    expect(done.report[0]).toMatchObject({ action: 'REPLACED', count: 24 });
    expect(await dump(ground)).not.toMatch(traces);
    expect(await figures()).toBe(before);
    expect(await actors()).toBe(`account:${publicUrl}|user_ada\t9\nmailto:bo@example.org\t12`);
  }, 120_000);
});

const untilIngested = () =>
  ground.log.passed({ group: ingestGroup, topic: statementsTopic, signal: AbortSignal.timeout(30_000) });

/** All that the log has comes again, in records of other offsets. */
async function againFromTheBeginning(): Promise<void> {
  const records: Parameters<Ground['log']['append']>[0][number][] = [];
  const reading = new AbortController();
  const tail = ground.log.tail({
    topic: statementsTopic,
    from: { since: new Date(0) },
    signal: reading.signal,
  });
  void tail.caughtUp.then(() => {
    reading.abort();
  });
  for await (const { topic, key, value, headers } of tail)
    records.push({ topic, key, value: Buffer.from(value), headers });
  await ground.log.append(records);
}
