import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import {
  createPersonalDataAnswers,
  undecided,
  type PersonalDataDone,
  type TableDecisions,
} from '@lyceum/events/personal-data';
import { newId } from '@lyceum/service';
import { createStore } from '../src/store/store.ts';
import { personalTablesOfLearning } from '../src/store/personal-tables.ts';
import { newOrganisation, runLearning, publicUrl, type LearningUnderTest } from './kit/learning.ts';
import { hearAnswers, request } from './kit/personal-data.ts';
import { startProcess } from './kit/start-process.ts';

const pieceBytes = 256 * 1_024;

/** Somebody who has done very much. */
async function giveProgress(learning: LearningUnderTest, rows: number) {
  const { learner } = newOrganisation();
  await learning.prisma.$executeRaw`
    INSERT INTO item_progress (id, organisation_id, learner_id, item_id, started_at, updated_at)
    SELECT 'p-' || ${learner.userId} || n, ${learner.organisationId}, ${learner.userId}, 'item-' || lpad(n::text, 6, '0'), now(), now()
    FROM generate_series(1, ${rows}::int) AS n`;
  return learner;
}

/** The lines of a file, of pieces that may have been told more than once. */
function linesOf(
  pieces: readonly { place: number; file: string; content: string }[],
  file: string,
): string[] {
  const told = new Map<number, string>();
  for (const piece of pieces.filter((one) => one.file === file)) {
    // A piece told twice is the same piece.
    expect(told.get(piece.place) ?? piece.content).toBe(piece.content);
    told.set(piece.place, piece.content);
  }
  const ordered = [...told].sort(([one], [other]) => one - other).map(([, content]) => content);
  return ordered.join('').split('\n').filter(Boolean);
}

describe('what learning holds of a person', () => {
  let learning: LearningUnderTest;
  let heard: Awaited<ReturnType<typeof hearAnswers>>;

  beforeAll(async () => {
    learning = await runLearning();
    heard = await hearAnswers(learning);
  });
  afterAll(async () => {
    await heard.stop();
    await learning.stop();
  });

  test('is decided about for every table and column', async () => {
    expect(await undecided(createStore(learning.prisma).sql, personalTablesOfLearning)).toEqual([]);
  });

  test('a table that nobody decided about is named', async () => {
    const { course: _course, ...others } = personalTablesOfLearning;
    const { sql } = createStore(learning.prisma);
    expect(await undecided(sql, others)).toEqual(expect.arrayContaining(['course: undecided']));
  });

  test('is told in pieces of a bounded size, each row once, and nothing of others', async () => {
    const rows = 20_000;
    const learner = await giveProgress(learning, rows);
    await giveProgress(learning, 10);
    const jobId = await request(learning, learner, 'EXPORT');
    const done = await heard.done(jobId);
    const pieces = heard.pieces(jobId);
    expect(pieces.map(({ place }) => place)).toEqual(pieces.map((_piece, index) => index));
    expect(pieces.length).toBeGreaterThan(10);
    for (const { content } of pieces) expect(Buffer.byteLength(content)).toBeLessThanOrEqual(pieceBytes);
    const told = linesOf(pieces, 'item-progress.jsonl').map(
      (line) => JSON.parse(line) as Record<string, string>,
    );
    expect(told).toHaveLength(rows);
    expect(new Set(told.map(({ itemId }) => itemId)).size).toBe(rows);
    expect(new Set(told.map(({ learnerId }) => learnerId))).toEqual(new Set([learner.userId]));
    expect(done).toMatchObject({
      service: 'learning',
      pieces: pieces.length,
      report: [{ what: 'item-progress', action: 'EXPORTED', count: rows }],
    });
  });

  test('a row longer than a piece goes over several, and no character is cut', async () => {
    const { learner } = newOrganisation();
    const roles = ['é'.repeat(pieceBytes)];
    const { organisationId, userId } = learner;
    await learning.prisma.learner.create({ data: { organisationId, userId, roles } });
    const jobId = await request(learning, learner, 'EXPORT');
    await heard.done(jobId);
    const pieces = heard.pieces(jobId);
    expect(pieces.length).toBeGreaterThan(1);
    expect(linesOf(pieces, 'memberships.jsonl').map((line) => JSON.parse(line) as object)).toEqual([
      { organisationId, userId, roles },
    ]);
  });

  test('is answered also where learning was away when it was asked', async () => {
    const learner = await giveProgress(learning, 3);
    let jobId = '';
    await learning.restart(async () => {
      jobId = await request(learning, learner, 'EXPORT');
    });
    expect(await heard.done(jobId)).toMatchObject({ pieces: 1 });
  });

  test('an erasure takes what names them, and keeps what others count, under the id alone', async () => {
    const learner = await giveProgress(learning, 3);
    const { organisationId, userId } = learner;
    const email = `${userId}@lyceum.example`;
    const { prisma } = learning;
    await prisma.mailbox.create({ data: { address: email, userId } });
    // Of an address that is nobody's yet: one that is somebody's is taken in at once.
    const former = `former-${email}`;
    await prisma.mailboxEvidence.createMany({
      data: [
        { organisationId, address: former, itemId: 'i' },
        { organisationId: 'org_other', address: former, itemId: 'i' },
      ],
    });
    const idempotency = { organisationId, userId, key: 'k', inputHash: 'h', enrolmentId: 'e' };
    await prisma.idempotencyKey.create({ data: idempotency });
    const jobId = await request(learning, learner, 'ERASURE', { emails: [email, former] });
    const { report, pieces } = await heard.done(jobId);
    expect(pieces).toBe(0);
    expect(report).toEqual([
      { what: 'addresses', action: 'DELETED', count: 1 },
      { what: 'idempotency-keys', action: 'DELETED', count: 1 },
      {
        what: 'item-progress',
        action: 'KEPT',
        count: 3,
        reason: expect.stringMatching(/under the id alone/),
      },
      { what: 'evidence-by-address', action: 'DELETED', count: 1 },
    ]);
    expect(await prisma.mailbox.count({ where: { userId } })).toBe(0);
    expect(await prisma.itemProgress.count({ where: { learnerId: userId } })).toBe(3);
    expect(await prisma.mailboxEvidence.findMany({ where: { address: former } })).toMatchObject([
      { organisationId: 'org_other' },
    ]);
  });

  test('the address stays with who belongs to another organisation, too', async () => {
    const { learner } = newOrganisation();
    const { userId } = learner;
    await learning.prisma.mailbox.create({ data: { address: `${userId}@two.example`, userId } });
    await learning.prisma.learner.create({
      data: { organisationId: newId('org'), userId, roles: ['LEARNER'] },
    });
    const { report } = await heard.done(await request(learning, learner, 'ERASURE'));
    expect(report).toEqual([
      { what: 'addresses', action: 'KEPT', count: 1, reason: expect.stringMatching(/another organisation/) },
    ]);
  });

  test('what is asked again of a job that is done is told again, and done once', async () => {
    const learner = await giveProgress(learning, 3);
    const jobId = await request(learning, learner, 'EXPORT');
    const first = await heard.done(jobId);
    await request(learning, learner, 'EXPORT', { jobId });
    const other = await request(learning, learner, 'EXPORT');
    await heard.done(other);
    expect(heard.dones(jobId).map(({ data }) => data)).toEqual([first, first]);
    expect(heard.pieces(jobId)).toHaveLength(1);
  });

  test('a part that cannot be done is given up after some tries, and goes on when it is asked for anew', async () => {
    const learner = await giveProgress(learning, 3);
    const store = createStore(learning.prisma);
    const told: PersonalDataDone[] = [];
    const answersOf = (tables: TableDecisions) =>
      createPersonalDataAnswers({
        service: 'learning',
        tables,
        database: store,
        attempts: 3,
        tell: {
          piece: () => Promise.resolve(),
          done: (_tx, done) => {
            told.push(done);
            return Promise.resolve();
          },
        },
      });
    const { item_progress: progress, ...others } = personalTablesOfLearning;
    const broken = { ...others, item_progress: { ...progress, where: 't.no_such_column' } } as TableDecisions;
    const { organisationId, userId } = learner;
    const asked = {
      jobId: newId('privacyjob'),
      organisationId,
      userId,
      kind: 'EXPORT',
      emails: [],
      homePage: publicUrl,
      requestedAt: new Date().toISOString(),
      eventId: 'first',
    } as const;
    for (let attempt = 1; attempt < 3; attempt += 1)
      await expect(answersOf(broken).answer(asked)).rejects.toThrow(/no_such_column/);
    await answersOf(broken).answer(asked);
    expect(told).toEqual([
      expect.objectContaining({ failure: expect.stringMatching(/3 times.*no_such_column/s) }),
    ]);
    // Heard again, as after a crash: nothing is done twice.
    await answersOf(broken).answer(asked);
    expect(told).toHaveLength(1);
    await answersOf(personalTablesOfLearning).answer({ ...asked, eventId: 'second' });
    expect(told.at(-1)).toMatchObject({ report: [{ what: 'item-progress', count: 3 }] });
    expect(told.at(-1)).not.toHaveProperty('failure');
  });
});

test('kill -9 in the midst of an export and of an erasure leaves nothing out and tells nothing that differs', async () => {
  const learning = await runLearning(startProcess);
  const heard = await hearAnswers(learning);
  try {
    const rows = 60_000;
    const learner = await giveProgress(learning, rows);
    const jobId = await request(learning, learner, 'EXPORT');
    let seen = 0;
    for (let kills = 0; kills < 3; kills += 1) {
      await untilMorePieces(seen);
      seen = heard.pieces(jobId).length;
      await learning.restart();
    }
    const { pieces, report } = await heard.done(jobId);
    expect(report).toEqual([{ what: 'item-progress', action: 'EXPORTED', count: rows }]);
    const told = linesOf(heard.pieces(jobId), 'item-progress.jsonl');
    expect(told).toHaveLength(rows);
    expect(new Set(told).size).toBe(rows);
    expect(new Set(heard.pieces(jobId).map(({ place }) => place)).size).toBe(pieces);

    const { userId } = learner;
    await learning.prisma.mailbox.create({ data: { address: `${userId}@killed.example`, userId } });
    const erasure = await request(learning, learner, 'ERASURE');
    await learning.restart();
    expect((await heard.done(erasure)).report).toEqual([
      { what: 'addresses', action: 'DELETED', count: 1 },
      expect.objectContaining({ what: 'item-progress', action: 'KEPT', count: rows }),
    ]);

    async function untilMorePieces(than: number): Promise<void> {
      const deadline = Date.now() + 20_000;
      while (heard.pieces(jobId).length <= than) {
        if (Date.now() > deadline) throw new Error(`no more than ${than} pieces`);
        await new Promise((resolve) => setImmediate(resolve));
      }
    }
  } finally {
    await heard.stop();
    await learning.stop();
  }
}, 120_000);
