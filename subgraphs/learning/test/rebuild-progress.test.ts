import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { newId, workspaceFile } from '@lyceum/service';
import { activityIri, agentOf, verbs, type Statement } from '@lyceum/xapi';
import { noEvidence } from '../src/domain/evidence.ts';
import { createLearningEvents } from '../src/events/learning-events.ts';
import { rebuild as rebuildProgress } from '../src/rebuild-progress/rebuild.ts';
import { createToldEvidence } from '../src/rebuild-progress/told-evidence.ts';
import { createStore } from '../src/store/store.ts';
import { startStatementsTable, type StatementsTable } from './kit/clickhouse.ts';
import {
  newOrganisation,
  publicUrl,
  runLearning,
  type LearningUnderTest,
  type Organisation,
} from './kit/learning.ts';
import {
  enrol,
  itemsOf,
  newCourse,
  progressOf,
  publishCourse,
  publishMember,
  send,
  statement,
  type CourseState,
} from './kit/story.ts';

let table: StatementsTable;
let learning: LearningUnderTest;
let school: Organisation;
let course: CourseState;

beforeAll(async () => {
  [table, learning] = await Promise.all([startStatementsTable(), runLearning()]);
}, 60_000);
afterAll(async () => {
  await learning.stop();
  await table.stop();
});

/** As the LRS does it: to the log, and from there to ClickHouse. */
async function tell(statements: readonly Statement[]): Promise<void> {
  await send(learning, school.organisationId, statements);
  await table.insert(school.organisationId, statements);
  await learning.settled();
}

/** As a person runs it. */
async function rebuild(...args: string[]): Promise<{ code: number; output: string }> {
  const main = workspaceFile('subgraphs/learning', 'src/rebuild-progress/main.ts');
  const child = spawn(process.execPath, ['--import', 'tsx', main, ...args], {
    env: {
      ...process.env,
      DATABASE_URL: learning.databaseUrl,
      CLICKHOUSE_URL: table.url,
      PUBLIC_URL: publicUrl,
    },
  });
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const [code] = (await once(child, 'close')) as [number];
  return { code, output };
}

/** The same in this process: what a rebuild finds. */
async function differences({ check = true, settleMs = 0 } = {}): Promise<string[]> {
  const told = createToldEvidence({ url: table.url, publicUrl });
  const store = createStore(learning.prisma);
  const events = createLearningEvents({ publicUrl });
  const found: string[] = [];
  const onDifference = ({ text }: { text: string }) => void found.push(text);
  await rebuildProgress({ store, told, events, check, settleMs, onDifference });
  await told.close();
  return found;
}

const repair = () => differences({ check: false });

/** A learner who has done something in every way there is, by account and by mbox, twice, and out of order. */
beforeEach(async () => {
  school = newOrganisation();
  course = newCourse(school.organisationId, [
    [{}, { type: 'QUIZ' }],
    [{ required: false }, {}],
  ]);
  await publishCourse(learning, course);
  await publishMember(learning, school.learner, `${school.learner.userId}@Lyceum.example`);
  await learning.settled();
  const [page, quiz, extra, last] = itemsOf(course);
  await enrol(learning, school.learner, course.id);
  const byMail = { mbox: `mailto:${school.learner.userId}@lyceum.EXAMPLE` };
  await tell([
    statement(school.learner, 'failed', quiz!.id),
    statement(school.learner, 'completed', page!.id),
    statement(school.learner, 'completed', page!.id),
    statement(byMail, 'passed', quiz!.id),
    statement(byMail, 'launched', extra!.id),
    statement({ mbox: 'mailto:nobody@lyceum.example' }, 'completed', last!.id),
    {
      ...statement(school.learner, 'completed', last!.id),
      actor: { objectType: 'Group', mbox: byMail.mbox },
    },
    statement(school.learner, 'completed', 'elsewhere'),
  ]);
});

test('what was moved by deltas equals a rebuild from scratch', async () => {
  expect(await progressOf(learning, school.learner, course.id)).toMatchObject({
    percent: 66,
    completedItems: 2,
  });
  expect(await rebuild('--check', '--settle', '0')).toEqual({
    code: 0,
    output: expect.stringMatching(/^The progress of \d+ learners equals a rebuild from scratch.\n$/),
  });
});

test('counts that are wrong are named, and repaired', async () => {
  const where = { courseId: course.id };
  await learning.prisma.courseProgress.updateMany({ where, data: { completedItems: 1, percent: 33 } });
  await learning.prisma.moduleProgress.updateMany({
    where: { moduleId: course.modules[0]!.id },
    data: { completedItems: 0 },
  });
  const { userId } = school.learner;
  const found = await rebuild('--check', '--settle', '0');
  expect(found.code).toBe(1);
  expect(found.output).toContain(
    `${userId} ${course.id}: STARTED 33 % (1 of 3); a rebuild says STARTED 66 % (2 of 3)`,
  );
  expect(found.output).toContain(`${userId} ${course.modules[0]!.id}: COMPLETED 100 % (0 of 2)`);
  expect(await rebuild('--settle', '0')).toMatchObject({
    code: 0,
    output: expect.stringContaining('repaired'),
  });
  expect(await differences()).toEqual([]);
  expect(await progressOf(learning, school.learner, course.id)).toMatchObject({
    percent: 66,
    completedItems: 2,
  });
});

test('a module that is said to be completed at another time is named, and repaired', async () => {
  const moduleId = course.modules[0]!.id;
  const [page] = itemsOf(course);
  const completedAt = async () =>
    (await learning.prisma.moduleProgress.findFirstOrThrow({ where: { moduleId } })).completedAt!;
  const before = await completedAt();
  const later = new Date(before.getTime() + 3_600_000);
  const setModule = (at: Date) =>
    learning.prisma.moduleProgress.updateMany({ where: { moduleId }, data: { completedAt: at } });

  await setModule(new Date(0));
  const named = `${school.learner.userId} ${moduleId}: COMPLETED 100 % (2 of 2) since`;
  const should = `COMPLETED 100 % (2 of 2) since ${before.toISOString()}`;
  const saying = (at: Date) => [`${named} ${at.toISOString()}; a rebuild says ${should}`];
  expect(await differences()).toEqual(saying(new Date(0)));
  await repair();
  expect(await completedAt()).toEqual(before);

  // An item that is kept with a later instant than its statement says.
  await learning.prisma.itemProgress.updateMany({
    where: { itemId: page!.id },
    data: { completedAt: later },
  });
  await setModule(later);
  expect(await differences()).toEqual(saying(later));
  await repair();
  expect(await completedAt()).toEqual(before);
  expect(await differences()).toEqual([]);
});

test('evidence that is missing comes back, evidence that nobody told goes once it has settled', async () => {
  const [page, , , last] = itemsOf(course);
  const { organisationId, userId: learnerId } = school.learner;
  await learning.prisma.itemProgress.deleteMany({ where: { itemId: page!.id } });
  const invented = {
    organisationId,
    learnerId,
    itemId: last!.id,
    completedAt: new Date(0),
    updatedAt: new Date(0),
  };
  await learning.prisma.itemProgress.create({ data: { id: `invented_${last!.id}`, ...invented } });
  const found = await differences();
  expect(found).toContain(`${learnerId} ${page!.id}: nothing; the statements say completed`);
  expect(found).toContain(`${learnerId} ${last!.id}: completed; the statements say nothing`);
  await repair();
  expect(await differences()).toEqual([]);
  expect(await progressOf(learning, school.learner, course.id)).toMatchObject({ completedItems: 2 });
});

test('a statement that has not reached ClickHouse yet is waited for, and its evidence never taken away', async () => {
  const last = itemsOf(course)[3]!;
  const late = [statement(school.learner, 'completed', last.id)];
  await send(learning, school.organisationId, late);
  await learning.settled();
  const checking = differences({ settleMs: 20_000 });
  expect(await repair()).toContain(
    `${school.learner.userId} ${last.id}: completed; the statements say nothing`,
  );
  expect(await progressOf(learning, school.learner, course.id)).toMatchObject({ percent: 100 });
  await table.insert(school.organisationId, late);
  expect(await checking).toEqual([]);
});

test('500 learners are looked for at once, however long the public URL and their addresses are', async () => {
  const longUrl = `https://${'continuing-education.'.repeat(8)}university.example/learn`;
  const { organisationId } = newOrganisation();
  const learners = Array.from({ length: 500 }, () => {
    const learnerId = newId('user');
    const addresses = ['first', 'second'].map((name) => `${name}.o'${learnerId}@${'x'.repeat(180)}.example`);
    return { organisationId, learnerId, addresses };
  });
  const itemIds = [newId('item'), newId('item'), newId('item')];
  const did = (actor: Statement['actor'], itemId: string): Statement => ({
    actor,
    verb: { id: verbs.completed },
    object: { id: activityIri(longUrl, itemId) },
    timestamp: '2026-11-20T09:00:00.000Z',
  });
  const { learnerId, addresses } = learners[499]!;
  await table.insert(organisationId, [
    did(agentOf(longUrl, learnerId), itemIds[0]!),
    did({ account: { homePage: `${longUrl}/`, name: learnerId } }, itemIds[1]!),
    did({ mbox: `mailto:${addresses[1]!.toUpperCase()}` }, itemIds[2]!),
    did({ account: { homePage: longUrl, name: learnerId.toUpperCase() } }, newId('item')),
    did(agentOf(publicUrl, learnerId), newId('item')),
  ]);
  const told = createToldEvidence({ url: table.url, publicUrl: longUrl });
  const completedAt = new Date('2026-11-20T09:00:00.000Z');
  const expected = itemIds.map((itemId) => ({
    ...noEvidence,
    organisationId,
    learnerId,
    itemId,
    completedAt,
  }));
  const found = await told.select(organisationId, learners);
  expect(found).toHaveLength(3);
  expect(found).toEqual(expect.arrayContaining(expected));
  await told.close();
});

test('arguments that it does not know are answered with how to use it', async () => {
  expect(await rebuild('--chekc')).toMatchObject({
    code: 64,
    output: expect.stringContaining('Usage'),
  });
});
