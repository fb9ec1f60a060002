import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createStore, type Store } from '../src/store/store.ts';
import { newOrganisation, runLearning, type LearningUnderTest } from './kit/learning.ts';
import { enrol, itemsOf, newCourse, publishCourse, send, statement } from './kit/story.ts';

// Each query of the store is asked for what an organisation has, in its own name and in that of another.

let learning: LearningUnderTest;
const school = newOrganisation();
const course = newCourse(school.organisationId, [[{}, {}]]);
const courseId = course.id;
const moduleId = course.modules[0]!.id;
const itemId = itemsOf(course)[0]!.id;
const learnerId = school.learner.userId;
let ids: { enrolment: string; item: string; module: string; course: string };

beforeAll(async () => {
  learning = await runLearning();
  await publishCourse(learning, course);
  await learning.settled();
  const enrolment = await enrol(learning, school.learner, courseId);
  await send(learning, school.organisationId, [statement(school.learner, 'completed', itemId)]);
  await learning.settled();
  const { id: item } = await learning.prisma.itemProgress.findFirstOrThrow();
  const { id: module } = await learning.prisma.moduleProgress.findFirstOrThrow();
  const { id } = await learning.prisma.courseProgress.findFirstOrThrow();
  ids = { enrolment, item, module, course: id };
  const key = { organisationId: school.organisationId, userId: learnerId, key: 'key' };
  const member = { organisationId: school.organisationId, groupId: 'group_of_all', userId: learnerId };
  await learning.prisma.groupMember.create({ data: { ...member, member: true, revision: 1 } });
  await learning.prisma.idempotencyKey.create({ data: { ...key, inputHash: '', enrolmentId: enrolment } });
});
afterAll(() => learning.stop());

const page = { limit: 20, after: undefined, before: undefined, backward: false };
const now = new Date();
const outline = (organisationId: string) => ({
  id: courseId,
  organisationId,
  title: 'Bread, again',
  status: 'ARCHIVED' as const,
  revision: 2,
  modules: [],
  items: [],
});

/** By store and query: the query in the name of an organisation. */
const queries: Record<string, (store: Store, organisationId: string) => Promise<unknown>> = {
  'learners.selectOptional': ({ learners }, org) => learners.selectOptional(org, learnerId),
  'courses.selectOptional': ({ courses }, org) => courses.selectOptional(org, courseId),
  'courses.selectOutline': async ({ courses }, org) => (await courses.selectOutline(org, courseId)).items,
  'courses.lockShared': ({ courses }, org) => courses.lockShared(org, courseId),
  'courses.lock': ({ courses }, org) => courses.lock(org, courseId),
  'courses.updateCorrected': ({ courses }, org) => courses.updateCorrected(org, courseId, 1),
  'courses.updateStructureRevision': ({ courses }, org) => courses.updateStructureRevision(org, courseId, 1),
  'courses.upsert': async ({ courses }, org) => ((await courses.upsert(outline(org))) ? 1 : 0),
  'enrolments.selectMany': ({ enrolments }, org) => enrolments.selectMany(org, [ids.enrolment]),
  'enrolments.selectManyOpen': ({ enrolments }, org) => enrolments.selectManyOpen(org, learnerId, [courseId]),
  'enrolments.selectPage': ({ enrolments }, org) => enrolments.selectPage(org, { learnerId }, page),
  'enrolments.count': ({ enrolments }, org) => enrolments.count(org, { courseId }),
  'enrolments.selectPagesOfLearners': ({ enrolments }, org) =>
    enrolments.selectPagesOfLearners(org, [learnerId], page),
  'enrolments.countManyOfLearners': ({ enrolments }, org) => enrolments.countManyOfLearners(org, [learnerId]),
  'enrolments.updateWithdrawn': ({ enrolments }, org) => enrolments.updateWithdrawn(org, ids.enrolment, now),
  'enrolments.updateCompleted': ({ enrolments }, org) =>
    enrolments.updateCompleted([{ organisationId: org, courseId, learnerId, completedAt: now }], now),
  'groupMembers.selectManyOfUsers': ({ groupMembers }, org) =>
    groupMembers.selectManyOfUsers(org, [learnerId], ['group_of_all']),
  'groupMembers.deleteAll': ({ groupMembers }, org) => groupMembers.deleteAll(org, 'group_of_all'),
  'idempotencyKeys.selectOptional': ({ idempotencyKeys }, org) =>
    idempotencyKeys.selectOptional({ organisationId: org, userId: learnerId, key: 'key' }),
  // A row for each key, empty where nothing is known of it.
  'itemProgress.selectManyKnown': async ({ itemProgress }, org) =>
    (await itemProgress.selectManyKnown([{ organisationId: org, learnerId, itemId }])).filter(
      ({ id, courseId: course }) => id !== null || course !== null,
    ),
  'itemProgress.selectMany': ({ itemProgress }, org) => itemProgress.selectMany(org, [ids.item]),
  'itemProgress.selectManyOfModules': ({ itemProgress }, org) =>
    itemProgress.selectManyOfModules([{ organisationId: org, learnerId, moduleId }]),
  'itemProgress.selectManyOfCourse': ({ itemProgress }, org) =>
    itemProgress.selectManyOfCourse(org, courseId, [learnerId]),
  'itemProgress.selectManyOfLearners': ({ itemProgress }, org) =>
    itemProgress.selectManyOfLearners(org, [learnerId]),
  'itemProgress.delete': ({ itemProgress }, org) => itemProgress.delete(org, [ids.item]),
  'moduleProgress.selectMany': ({ moduleProgress }, org) => moduleProgress.selectMany(org, [ids.module]),
  'moduleProgress.selectManyOf': ({ moduleProgress }, org) =>
    moduleProgress.selectManyOf(org, [{ courseId, learnerId }]),
  'moduleProgress.selectManyOfCourses': ({ moduleProgress }, org) =>
    moduleProgress.selectManyOfCourses([{ organisationId: org, courseId, learnerId }]),
  'moduleProgress.deleteOrphans': async ({ courses, moduleProgress }, org) => {
    await courses.updateOutline(outline(school.organisationId));
    return moduleProgress.deleteOrphans(org, courseId, [learnerId]);
  },
  'courseProgress.selectMany': ({ courseProgress }, org) => courseProgress.selectMany(org, [ids.course]),
  'courseProgress.selectManyOf': ({ courseProgress }, org) =>
    courseProgress.selectManyOf(org, [{ courseId, learnerId }]),
  'courseProgress.selectManyCurrent': ({ courseProgress }, org) =>
    courseProgress.selectManyCurrent([{ organisationId: org, courseId, learnerId }]),
  'courseProgress.selectManyOfLearners': ({ courseProgress }, org) =>
    courseProgress.selectManyOfLearners(org, [learnerId]),
  'courseProgress.selectStaleLearners': ({ courseProgress }, org) =>
    courseProgress.selectStaleLearners(org, courseId, 2, 10),
  'courseProgress.selectPages': ({ courseProgress }, org) =>
    courseProgress.selectPages(org, [courseId], {}, page),
  'courseProgress.countMany': ({ courseProgress }, org) => courseProgress.countMany(org, [courseId], {}),
};

/** What writes rows that carry their organisation, is of no organisation, or walks through all (store/store.ts). */
const others = [
  'learners.selectManyAfter',
  'learners.lock',
  'learners.upsert',
  'courses.selectManyStale',
  'courses.updateOutline',
  'enrolments.insert',
  'groupMembers.upsertMany',
  'idempotencyKeys.insert',
  'progress.upsert',
  'outbox.insert',
  // Of personal-tables.ts, whose every condition names the organisation.
  'sql.query',
  'sql.execute',
  ...['selectManyOwned', 'selectManyOfUsers', 'upsertUserRevision', 'upsert', 'upsertEvidence'].map(
    (name) => `mailboxes.${name}`,
  ),
  'mailboxes.deleteOwnedEvidence',
];

test('the table has every query of the store', () => {
  const stores = Object.entries(createStore(learning.prisma)).filter(([name]) => name !== 'transaction');
  const names = stores.flatMap(([store, all]) =>
    Object.keys(all as object).map((query) => `${store}.${query}`),
  );
  expect([...Object.keys(queries), ...others].sort()).toEqual(names.sort());
});

test.each(Object.entries(queries))('%s reaches the rows of its organisation alone', async (_name, query) => {
  expect(await reached(query, newOrganisation().organisationId)).toBe(0);
  expect(await reached(query, school.organisationId)).toBeGreaterThan(0);
});

/** How many rows a query finds or changes; what it changes is undone. */
async function reached(query: (typeof queries)[string], organisationId: string): Promise<number> {
  const undo = new Error('undo');
  let rows = 0;
  await createStore(learning.prisma)
    .transaction(async (tx) => {
      rows = rowsIn(await query(tx, organisationId));
      throw undo;
    })
    .catch((error: unknown) => {
      if (error !== undo) throw error;
    });
  return rows;
}

function rowsIn(answer: unknown): number {
  if (typeof answer === 'number') return answer;
  if (answer === null) return 0;
  if (Array.isArray(answer)) return answer.length;
  return (answer as { count?: number }).count ?? 1;
}
