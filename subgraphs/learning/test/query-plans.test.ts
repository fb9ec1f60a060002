import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { serviceDatabaseUrl } from '@lyceum/postgres';
import { newId } from '@lyceum/service';
import { PrismaPg } from '@prisma/adapter-pg';
import { PrismaClient } from '../src/store/generated/client.ts';
import { createStore } from '../src/store/store.ts';
import { newOrganisation, runLearning, type LearningUnderTest } from './kit/learning.ts';
import { itemsOf, newCourse, publishCourse } from './kit/story.ts';

// Some hundred thousand rows of progress: what is asked at line rate, or by a click, must find its rows by an index.

let learning: LearningUnderTest;
/** On one connection, whose statistics can be asked for before and after. */
let prisma: PrismaClient;
const school = newOrganisation();
const { organisationId } = school;
const course = newCourse(organisationId, [Array.from({ length: 5 }, () => ({}))]);
const learnersInAll = 40_000;

beforeAll(async () => {
  learning = await runLearning();
  await publishCourse(learning, course);
  await learning.settled();
  const itemIds = itemsOf(course).map(({ id }) => id);
  const connectionString = serviceDatabaseUrl(learning.databaseUrl, 'learning');
  prisma = new PrismaClient({ adapter: new PrismaPg({ connectionString, max: 1 }) });
  const sql = prisma;
  await sql.$executeRaw`INSERT INTO learner SELECT ${organisationId}, 'user_' || n, '{LEARNER}', 1 FROM generate_series(1, ${learnersInAll}::int) n`;
  await sql.$executeRaw`
    INSERT INTO item_progress SELECT 'item_progress_' || n || i, ${organisationId}, 'user_' || n, i, now(), now(), null, null, now()
    FROM generate_series(1, ${learnersInAll}::int) n, unnest(${itemIds}::text[]) i`;
  await sql.$executeRaw`
    INSERT INTO enrolment SELECT 'enrolment_' || n, ${organisationId}, ${course.id}, 'user_' || n FROM generate_series(1, ${learnersInAll}::int) n`;
  await sql.$executeRaw`
    INSERT INTO course_progress (id, organisation_id, learner_id, course_id, status, percent, completed_items, required_items, structure_revision, updated_at)
    SELECT 'progress_' || n, ${organisationId}, 'user_' || n, ${course.id}, 'STARTED', 20, 1, 5, 1, now() FROM generate_series(1, ${learnersInAll}::int) n`;
  await sql.$executeRaw`
    INSERT INTO module_progress (id, organisation_id, learner_id, course_id, module_id, status, percent, completed_items, required_items, updated_at)
    SELECT 'module_progress_' || n, ${organisationId}, 'user_' || n, ${course.id}, ${course.modules[0]!.id}, 'STARTED', 20, 1, 5, now() FROM generate_series(1, ${learnersInAll}::int) n`;
  await sql.$executeRawUnsafe('ANALYZE');
}, 120_000);
afterAll(async () => {
  await prisma.$disconnect();
  await learning.stop();
});

/** Rows that were read without an index, by table, while `work` ran. */
async function rowsScanned(work: () => Promise<unknown>): Promise<Record<string, number>> {
  const scanned = async () => {
    await prisma.$executeRawUnsafe('SELECT pg_stat_force_next_flush()');
    const rows = await prisma.$queryRaw<{ table: string; rows: number }[]>`
      SELECT relname AS table, seq_tup_read::int AS rows FROM pg_stat_user_tables
      WHERE relname IN ('learner', 'enrolment', 'item_progress', 'module_progress', 'course_progress')`;
    return new Map(rows.map(({ table, rows }) => [table, rows]));
  };
  const before = await scanned();
  await work();
  const after = await scanned();
  return Object.fromEntries([...after].map(([table, rows]) => [table, rows - (before.get(table) ?? 0)]));
}

const nothing = { learner: 0, enrolment: 0, item_progress: 0, module_progress: 0, course_progress: 0 };

test('no query of the statement path, of a page or of a correction scans a table', async () => {
  const store = createStore(prisma);
  const page = { limit: 20, after: undefined, before: undefined, backward: false };
  const some = Array.from({ length: 200 }, (_, n) => ({
    organisationId,
    learnerId: `user_${n * 450 + 1}`,
    courseId: course.id,
  }));
  const learnerIds = some.map(({ learnerId }) => learnerId);
  const itemKeys = some.flatMap((key) => itemsOf(course).map(({ id }) => ({ ...key, itemId: id })));
  const middle = { ...page, after: ['progress_5'], before: undefined };
  const work: [string, () => Promise<unknown>][] = [
    ['lock', () => store.transaction((tx) => tx.learners.lock(some))],
    ['evidence', () => store.itemProgress.selectManyKnown(itemKeys)],
    [
      'evidence of a course',
      () => store.itemProgress.selectManyOfCourse(organisationId, course.id, learnerIds),
    ],
    ['course progress', () => store.courseProgress.selectManyOf(organisationId, some)],
    ['current course progress', () => store.courseProgress.selectManyCurrent(some)],
    ['module progress', () => store.moduleProgress.selectManyOf(organisationId, some)],
    ['module progress of courses', () => store.moduleProgress.selectManyOfCourses(some)],
    [
      'completion',
      () =>
        store.enrolments.updateCompleted(
          some.map((key) => ({ ...key, completedAt: new Date() })),
          new Date(),
        ),
    ],
    ['stale', () => store.courseProgress.selectStaleLearners(organisationId, course.id, 2, 200)],
    ['page of enrolments', () => store.enrolments.selectPage(organisationId, {}, page)],
    ['page of a course', () => store.enrolments.selectPage(organisationId, { courseId: course.id }, page)],
    ['pages of learners', () => store.enrolments.selectPagesOfLearners(organisationId, learnerIds, page)],
    ['pages of courses', () => store.courseProgress.selectPages(organisationId, [course.id], {}, middle)],
    ['open enrolments', () => store.enrolments.selectManyOpen(organisationId, 'user_7', [course.id])],
    [
      'items of modules',
      () =>
        store.itemProgress.selectManyOfModules(
          some.map((key) => ({ ...key, moduleId: course.modules[0]!.id })),
        ),
    ],
    [
      'next learners',
      () => store.learners.selectManyAfter({ organisationId, learnerId: newId('user') }, 500),
    ],
    ['orphans', () => store.moduleProgress.deleteOrphans(organisationId, course.id, learnerIds)],
  ];
  for (const [name, run] of work) expect([name, await rowsScanned(run)]).toEqual([name, nothing]);
});

test("a page of the enrolments of a group's people reads theirs, not those of the whole organisation", async () => {
  const store = createStore(prisma);
  const groupId = newId('group');
  const added = Array.from({ length: 30 }, (_, n) => `user_${n * 1_000 + 1}`);
  await store.groupMembers.upsertMany({ organisationId, groupId, added, removed: [], revision: 1 });
  const fetched = async () => {
    await prisma.$executeRawUnsafe('SELECT pg_stat_force_next_flush()');
    const [row] = await prisma.$queryRaw<{ rows: number }[]>`
      SELECT (idx_tup_fetch + seq_tup_read)::int AS rows FROM pg_stat_user_tables WHERE relname = 'enrolment'`;
    return row?.rows ?? 0;
  };
  const sight = { learnerIds: ['user_7'], courseIds: [newId('course')], groupIds: [groupId] };
  const page = { limit: 20, after: undefined, before: undefined, backward: false };
  const before = await fetched();
  expect(await store.enrolments.selectPage(organisationId, {}, page, sight)).toHaveLength(20);
  expect(await store.enrolments.count(organisationId, {}, sight)).toBe(31);
  expect((await fetched()) - before).toBeLessThan(200);
});
