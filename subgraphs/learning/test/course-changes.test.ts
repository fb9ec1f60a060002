import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { serviceDatabaseUrl } from '@lyceum/postgres';
import { eventually } from '@lyceum/testing';
import { PrismaPg } from '@prisma/adapter-pg';
import { createCorrections } from '../src/domain/corrections.ts';
import { createCourses } from '../src/domain/courses.ts';
import { recount } from '../src/domain/recount.ts';
import { createLearningEvents } from '../src/events/learning-events.ts';
import { PrismaClient } from '../src/store/generated/client.ts';
import { createStore } from '../src/store/store.ts';
import { listen } from './kit/events.ts';
import { newOrganisation, publicUrl, runLearning, type LearningUnderTest } from './kit/learning.ts';
import {
  enrol,
  itemsOf,
  newCourse,
  newItem,
  progressOf,
  publishCourse,
  send,
  statement,
  type CourseState,
} from './kit/story.ts';

let learning: LearningUnderTest;
let heard: Awaited<ReturnType<typeof listen>>;
beforeAll(async () => {
  learning = await runLearning();
  heard = await listen(learning);
});
afterAll(async () => {
  await heard.stop();
  await learning.stop();
});

/** A learner who has completed one of two items. */
async function halfWay() {
  const school = newOrganisation();
  const course = newCourse(school.organisationId, [[{}], [{}]]);
  await publishCourse(learning, course);
  await learning.settled();
  await enrol(learning, school.learner, course.id);
  await send(learning, school.organisationId, [
    statement(school.learner, 'completed', itemsOf(course)[0]!.id),
  ]);
  await learning.settled();
  const percent = async () => (await progressOf(learning, school.learner, course.id))!.percent;
  expect(await percent()).toBe(50);
  return { ...school, course, percent };
}

/** The course as its next revision. */
async function change(course: CourseState, modules: CourseState['modules']): Promise<CourseState> {
  const changed = { ...course, revision: course.revision + 1, modules };
  await publishCourse(learning, changed);
  await learning.settled();
  return changed;
}

test("an item that the course gains lowers everybody's percentage, one that it loses raises it", async () => {
  const { course, percent } = await halfWay();
  const [first, second] = course.modules;
  const gained = { ...second!, items: [...second!.items, newItem({}, 1), newItem({}, 2)] };
  await change(course, [first!, gained]);
  expect(await percent()).toBe(25);
  await change({ ...course, revision: 2 }, [first!]);
  expect(await percent()).toBe(100);
});

test('an item that becomes optional no longer counts, and counts again when it is required', async () => {
  const { course, percent } = await halfWay();
  const [first, second] = course.modules;
  const optional = { ...first!, items: first!.items.map((item) => ({ ...item, required: false })) };
  const relaxed = await change(course, [optional, second!]);
  expect(await percent()).toBe(0);
  await change(relaxed, [first!, second!]);
  expect(await percent()).toBe(50);
});

test('an item that moves to another module takes its completion along', async () => {
  const { course, learner, percent } = await halfWay();
  const [first, second] = course.modules;
  const moved = [
    { ...first!, items: [] },
    { ...second!, items: [...second!.items, { ...first!.items[0]!, position: 1 }] },
  ];
  await change(course, moved);
  expect(await percent()).toBe(50);
  expect((await progressOf(learning, learner, course.id))!.modules).toMatchObject([
    { percent: 0, status: 'NOT_STARTED' },
    { percent: 50, status: 'STARTED' },
  ]);
});

test('a module that is deleted is gone from progress, and one that comes is there', async () => {
  const { course, learner } = await halfWay();
  const [first] = course.modules;
  const another = { id: 'module_new', title: 'New', position: 1, items: [newItem({}, 0)] };
  await change(course, [first!, another]);
  expect((await progressOf(learning, learner, course.id))!.modules).toMatchObject([
    { percent: 100 },
    { percent: 0 },
  ]);
});

test('an older revision changes nothing, nor does a new title', async () => {
  const { course, percent, learner } = await halfWay();
  await change({ ...course, revision: 4, title: 'Bread, again' }, course.modules);
  const before = await progressOf(learning, learner, course.id);
  await publishCourse(learning, { ...course, revision: 3, modules: course.modules.slice(0, 1) });
  await learning.settled();
  expect(await percent()).toBe(50);
  expect(await progressOf(learning, learner, course.id)).toEqual(before);
});

test('a correction tells of each learner whose progress changed, and of nobody else', async () => {
  const { course, learner, organisationId } = await halfWay();
  const changes = () => heard.events('progress.changed', course.id);
  const told = (await changes()).length;
  const extra = {
    ...course.modules[1]!,
    items: [...course.modules[1]!.items, newItem({ required: false }, 1)],
  };
  const changed = await change(course, [course.modules[0]!, extra]);
  expect(await changes()).toHaveLength(told);
  await change(changed, course.modules.slice(0, 1));
  expect(await heard.events('course.completed', course.id)).toHaveLength(1);
  const after = await changes();
  expect(after).toHaveLength(told + 1);
  expect(after.at(-1)).toMatchObject({
    organisation: organisationId,
    data: { progress: { learnerId: learner.userId, percent: 100, status: 'COMPLETED', requiredItems: 1 } },
  });
});

test('a completed course that gains an item is no longer complete; the enrolment stays completed', async () => {
  const { course, learner, organisationId } = await halfWay();
  await send(learning, organisationId, [statement(learner, 'completed', itemsOf(course)[1]!.id)]);
  await learning.settled();
  const [first, second] = course.modules;
  await change(course, [first!, { ...second!, items: [...second!.items, newItem({}, 1)] }]);
  expect(await progressOf(learning, learner, course.id)).toMatchObject({
    percent: 66,
    status: 'STARTED',
    completedAt: null,
  });
  expect(await learning.prisma.enrolment.findFirst({ where: { courseId: course.id } })).toMatchObject({
    status: 'COMPLETED',
  });
});

test('the stale queue is worked off in bounded batches and goes on where it stopped', async () => {
  const store = createStore(learning.prisma);
  const events = createLearningEvents({ publicUrl });
  const school = newOrganisation();
  const course = newCourse(school.organisationId, [[{}], [{}]]);
  await publishCourse(learning, course);
  await learning.settled();
  const learners = Array.from({ length: 25 }, () => school.person('LEARNER'));
  for (const learner of learners) await enrol(learning, learner, course.id);
  await send(
    learning,
    school.organisationId,
    learners.map((learner) => statement(learner, 'completed', itemsOf(course)[0]!.id)),
  );
  await learning.settled();

  // The service is away while the course changes, and the corrections stop after the second of three batches.
  await learning.restart(async () => {
    const items = itemsOf(course)
      .slice(0, 1)
      .map((item) => ({ ...item, moduleId: course.modules[0]!.id }));
    await createCourses({ store }).learn({
      ...course,
      revision: 2,
      items,
      modules: course.modules.slice(0, 1),
    });
    const corrections = createCorrections({ store, events, batchSize: 10 });
    await corrections.workSome();
    await corrections.workSome();
    const where = { courseId: course.id, percent: 100 };
    expect(await learning.prisma.courseProgress.count({ where })).toBe(20);
  });
  await learning.settled();
  expect(await learning.prisma.courseProgress.count({ where: { courseId: course.id, percent: 100 } })).toBe(
    25,
  );
  expect(await learning.prisma.enrolment.count({ where: { courseId: course.id, status: 'COMPLETED' } })).toBe(
    25,
  );
});

test('learners who enrol and learn while the course changes end up counted by the last structure', async () => {
  const school = newOrganisation();
  let course = newCourse(school.organisationId, [[{}, {}, {}, {}]]);
  await publishCourse(learning, course);
  await learning.settled();
  const learners = Array.from({ length: 12 }, () => school.person('LEARNER'));
  const all = itemsOf(course);
  const enrolling = learners.map(async (learner) => {
    await enrol(learning, learner, course.id);
    await send(learning, school.organisationId, [statement(learner, 'completed', all[0]!.id)]);
  });
  for (const kept of [3, 2, 4, 1, 2]) {
    course = {
      ...course,
      revision: course.revision + 1,
      modules: [{ ...course.modules[0]!, items: all.slice(0, kept) }],
    };
    await publishCourse(learning, course);
  }
  await Promise.all(enrolling);
  await learning.settled();
  const rows = await learning.prisma.courseProgress.findMany({ where: { courseId: course.id } });
  expect(
    rows.map(({ completedItems, requiredItems, percent }) => [completedItems, requiredItems, percent]),
  ).toEqual(learners.map(() => [1, 2, 50]));
});

test('an enrolment that has counted but not committed holds the course against a change', async () => {
  const connectionString = serviceDatabaseUrl(learning.databaseUrl, 'learning');
  const prisma = new PrismaClient({ adapter: new PrismaPg({ connectionString, max: 5 }) });
  const store = createStore(prisma);
  const events = createLearningEvents({ publicUrl });
  const { learner, organisationId } = newOrganisation();
  const course = newCourse(organisationId, [[{}], [{}]]);
  await publishCourse(learning, course);
  await learning.settled();

  const which = { organisationId, courseId: course.id };
  let commit: (() => void) | undefined;
  let counted: (() => void) | undefined;
  const hasCounted = new Promise<void>((resolve) => (counted = resolve));
  const enrolling = store.transaction(async (tx) => {
    await tx.learners.lock([{ organisationId, learnerId: learner.userId }]);
    await recount(tx, events, { ...which, learnerIds: [learner.userId] });
    counted?.();
    await new Promise<void>((resolve) => (commit = resolve));
  });
  await hasCounted;
  const modules = course.modules.map(({ id, title, position }) => ({ id, title, position }));
  const items = itemsOf(course).map((item, index) => ({
    ...item,
    required: index > 0,
    moduleId: modules[index]!.id,
  }));
  const changing = createCourses({ store }).learn({ ...course, revision: 2, modules, items });
  const corrections = createCorrections({ store, events });
  const corrected = changing.then(async () => {
    while (await corrections.workSome());
  });
  const blocked = eventually(async () => {
    // Who waits for a row holds its place in the queue: a lock on the row's tuple, in the table.
    const waiting = await learning.prisma.$queryRaw<unknown[]>`
      SELECT 1
      FROM pg_locks AS wanted
      JOIN pg_locks AS held ON held.pid = wanted.pid AND held.locktype = 'tuple'
        AND held.database = (SELECT oid FROM pg_database WHERE datname = current_database())
        AND held.relation = 'course'::regclass
      WHERE NOT wanted.granted`;
    expect(waiting).not.toHaveLength(0);
  });
  await Promise.race([corrected, blocked]);
  commit?.();
  await Promise.all([enrolling, corrected]);

  const row = await prisma.courseProgress.findFirst({ where: { courseId: course.id } });
  expect(row).toMatchObject({ structureRevision: 2, requiredItems: 1 });
  await prisma.$disconnect();
});
