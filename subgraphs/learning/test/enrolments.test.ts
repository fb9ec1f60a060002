import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { newId } from '@lyceum/service';
import { verbs } from '@lyceum/xapi';
import { listen } from './kit/events.ts';
import {
  newOrganisation,
  runLearning,
  type LearningUnderTest,
  type Organisation,
  type Person,
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

let learning: LearningUnderTest;
let heard: Awaited<ReturnType<typeof listen>>;
let academy: Organisation;
let course: CourseState;

beforeAll(async () => {
  learning = await runLearning();
  heard = await listen(learning);
  academy = newOrganisation();
  course = await publishedCourse();
  await publishMember(learning, academy.learner);
  await publishMember(learning, academy.another);
  await learning.settled();
});
afterAll(async () => {
  await heard.stop();
  await learning.stop();
});

async function publishedCourse(changes: Partial<CourseState> = {}): Promise<CourseState> {
  const created = { ...newCourse(academy.organisationId, [[{}, {}]]), ...changes };
  await publishCourse(learning, created);
  await learning.settled();
  return created;
}

interface Created {
  enrolment: { id: string; status: string; learner: { id: string }; course: { id: string } } | null;
  userErrors: { field: string[]; code: string }[];
}

/** Where the answer is an error and no payload. */
const refused = { enrolment: null, userErrors: [] };

async function create(who: Person, input: { courseId: string; learnerId?: string; idempotencyKey?: string }) {
  const ask = await learning.as(who);
  const answer = await ask<{ enrolmentCreate: Created } | null>(
    `mutation ($input: EnrolmentCreateInput!) {
      enrolmentCreate(input: $input) {
        enrolment { id status learner { id } course { id } }
        userErrors { field code }
      }
    }`,
    { input: { idempotencyKey: newId('key'), ...input } },
  );
  return { ...answer, payload: answer.data?.enrolmentCreate ?? refused };
}

async function withdraw(who: Person, id: string) {
  const ask = await learning.as(who);
  const answer = await ask<{
    enrolmentWithdraw: {
      enrolment: { status: string; withdrawnAt: string } | null;
      userErrors: { code: string }[];
    };
  } | null>(
    `mutation ($id: ID!) {
      enrolmentWithdraw(input: { id: $id }) { enrolment { status withdrawnAt } userErrors { code } }
    }`,
    { id },
  );
  return { ...answer, payload: answer.data?.enrolmentWithdraw ?? refused };
}

test('a learner enrols once: the same key answers the same enrolment, another one is refused', async () => {
  const { learner } = academy;
  const own = await publishedCourse();
  const input = { courseId: own.id, idempotencyKey: newId('key') };
  const first = await create(learner, input);
  expect(first.payload.enrolment).toMatchObject({
    status: 'ACTIVE',
    learner: { id: learner.userId },
    course: { id: own.id },
  });
  const again = await create(learner, input);
  expect(again.payload).toEqual(first.payload);
  const other = await create(learner, { courseId: own.id });
  expect(other.payload).toEqual({
    enrolment: null,
    userErrors: [{ code: 'ALREADY_ENROLLED', field: ['input', 'courseId'] }],
  });
  expect(await heard.events('enrolment.created', own.id)).toMatchObject([
    { subject: first.payload.enrolment!.id },
  ]);
});

test('a key that was used with another input is a conflict, and is no hindrance to another user', async () => {
  const [one, other] = [await publishedCourse(), await publishedCourse()];
  const idempotencyKey = newId('key');
  await create(academy.learner, { courseId: one.id, idempotencyKey });
  const second = await create(academy.learner, { courseId: other.id, idempotencyKey });
  expect(second.payload.userErrors).toEqual([{ code: 'CONFLICT', field: ['input', 'idempotencyKey'] }]);
  const another = await create(academy.another, { courseId: other.id, idempotencyKey });
  expect(another.payload.userErrors).toEqual([]);
});

test('of many requests at the same time one enrols, whether they have one key or many', async () => {
  const own = await publishedCourse();
  const idempotencyKey = newId('key');
  const same = await Promise.all(
    Array.from({ length: 8 }, () => create(academy.learner, { courseId: own.id, idempotencyKey })),
  );
  expect(new Set(same.map(({ payload }) => payload.enrolment?.id)).size).toBe(1);
  const different = await Promise.all(
    Array.from({ length: 8 }, () => create(academy.another, { courseId: own.id })),
  );
  expect(different.filter(({ payload }) => payload.enrolment)).toHaveLength(1);
  expect(await learning.prisma.enrolment.count({ where: { courseId: own.id } })).toBe(2);
});

test('the database itself refuses a second open enrolment', async () => {
  const own = await publishedCourse();
  const { organisationId, userId: learnerId } = academy.learner;
  await enrol(learning, academy.learner, own.id);
  const row = { id: newId('enrolment'), organisationId, learnerId, courseId: own.id };
  await expect(learning.prisma.enrolment.create({ data: row })).rejects.toMatchObject({ code: 'P2002' });
});

test('only published courses take enrolments; a draft is not there for those who can not see it', async () => {
  const draft = await publishedCourse({ status: 'DRAFT' });
  const archived = await publishedCourse({ status: 'ARCHIVED' });
  const codes = async (who: Person, courseId: string) =>
    (await create(who, { courseId })).payload.userErrors[0]?.code;
  expect(await codes(academy.learner, draft.id)).toBe('NOT_FOUND');
  expect(await codes(academy.author, draft.id)).toBe('COURSE_NOT_PUBLISHED');
  expect(await codes(academy.learner, archived.id)).toBe('COURSE_NOT_PUBLISHED');
  expect(await codes(academy.learner, newId('course'))).toBe('NOT_FOUND');
});

test('an idempotency key has 1 to 200 characters', async () => {
  for (const idempotencyKey of ['', ' ', 'k'.repeat(201)]) {
    const { payload } = await create(academy.learner, { courseId: course.id, idempotencyKey });
    expect(payload.userErrors).toEqual([{ code: 'INVALID', field: ['input', 'idempotencyKey'] }]);
  }
});

test('instructors and administrators enrol members; learners and authors only themselves', async () => {
  const { learner, another, instructor, admin, author } = academy;
  for (const leader of [instructor, admin]) {
    const own = await publishedCourse();
    const { payload } = await create(leader, { courseId: own.id, learnerId: learner.userId });
    expect(payload.enrolment?.learner.id).toBe(learner.userId);
  }
  for (const other of [another, author]) {
    const { errors } = await create(other, { courseId: course.id, learnerId: learner.userId });
    expect(errors?.[0]?.extensions).toMatchObject({
      code: 'FORBIDDEN',
      missing: 'enrolment.create',
    });
  }
  const stranger = await create(admin, { courseId: course.id, learnerId: newId('user') });
  expect(stranger.payload.userErrors).toEqual([{ code: 'NOT_FOUND', field: ['input', 'learnerId'] }]);
});

test('a withdrawn enrolment makes room for another, which finds the progress that was made', async () => {
  const { learner, organisationId } = academy;
  const own = await publishedCourse();
  const id = await enrol(learning, learner, own.id);
  await send(learning, organisationId, [statement(academy.learner, 'completed', itemsOf(own)[0]!.id)]);
  await learning.settled();
  const first = await withdraw(learner, id);
  expect(first.payload.enrolment).toMatchObject({ status: 'WITHDRAWN' });
  expect((await withdraw(learner, id)).payload).toEqual(first.payload);
  expect(await heard.events('enrolment.withdrawn', id)).toHaveLength(1);

  expect(await enrol(learning, learner, own.id)).not.toBe(id);
  expect(await progressOf(learning, learner, own.id)).toMatchObject({ percent: 50 });
});

test('completing the course completes the enrolment, once, with an event and a statement', async () => {
  const { learner, organisationId } = academy;
  const own = await publishedCourse();
  const id = await enrol(learning, learner, own.id);
  const [one, two] = itemsOf(own);
  const at = new Date('2026-11-20T10:00:00.000Z');
  await send(learning, organisationId, [statement(learner, 'completed', one!.id)]);
  await send(learning, organisationId, [statement(learner, 'completed', two!.id, at)]);
  await send(learning, organisationId, [statement(learner, 'completed', one!.id)]);
  await learning.settled();
  expect(await heard.events('course.completed', own.id)).toHaveLength(1);
  expect(await heard.events('module.completed', own.id)).toHaveLength(1);
  const changes = await heard.events('progress.changed', own.id);
  expect(changes.map(({ data }) => data.progress)).toMatchObject([
    { percent: 0, revision: 1 },
    { percent: 50, revision: 2 },
    { percent: 100, revision: 3, status: 'COMPLETED' },
  ]);
  expect(await heard.statements(own.id)).toEqual([
    {
      organisationId,
      verb: verbs.completed,
      actor: `account:http://localhost:4000|${learner.userId}`,
      activity: `http://localhost:4000/xapi/activities/${own.id}`,
    },
  ]);
  const enrolment = await learning.prisma.enrolment.findUnique({ where: { id } });
  expect(enrolment).toMatchObject({ status: 'COMPLETED', revision: 2 });
  expect((await withdraw(learner, id)).payload.userErrors).toEqual([{ code: 'ENROLMENT_COMPLETED' }]);
  expect((await create(learner, { courseId: own.id })).payload.userErrors).toMatchObject([
    { code: 'ALREADY_ENROLLED' },
  ]);
});

test('enrolments are listed the newest first, page by page, to leaders all and to learners their own', async () => {
  const school = newOrganisation();
  const own = newCourse(school.organisationId, [[{}]]);
  await publishCourse(learning, own);
  const learners = Array.from({ length: 5 }, () => school.person('LEARNER'));
  for (const learner of learners) await publishMember(learning, learner);
  await learning.settled();
  const ids: string[] = [];
  for (const learner of learners) ids.unshift(await enrol(learning, learner, own.id));
  await withdraw(learners[0]!, ids[4]!);

  const list = async (who: Person, args: string) => {
    const ask = await learning.as(who);
    const { data, errors } = await ask<{
      enrolments: {
        nodes: { id: string }[];
        totalCount: number;
        pageInfo: { endCursor: string; startCursor: string; hasNextPage: boolean };
      };
    } | null>(
      `{ enrolments(${args}) { nodes { id } totalCount pageInfo { startCursor endCursor hasNextPage } } }`,
    );
    return { ...data?.enrolments, ids: data?.enrolments.nodes.map(({ id }) => id), errors };
  };
  const page = await list(school.instructor, 'first: 2');
  expect(page).toMatchObject({ ids: ids.slice(0, 2), totalCount: 5, pageInfo: { hasNextPage: true } });
  const next = await list(school.instructor, `first: 10, after: "${page.pageInfo!.endCursor}"`);
  expect(next).toMatchObject({ ids: ids.slice(2), pageInfo: { hasNextPage: false } });
  const back = await list(school.admin, `last: 2, before: "${next.pageInfo!.startCursor}"`);
  expect(back.ids).toEqual(ids.slice(0, 2));
  expect((await list(school.admin, 'filter: { status: WITHDRAWN }')).ids).toEqual([ids[4]]);
  expect((await list(school.admin, `filter: { learnerId: "${learners[1]!.userId}" }`)).ids).toEqual([ids[3]]);
  expect((await list(school.admin, `filter: { courseId: "${newId('course')}" }`)).ids).toEqual([]);
  expect(await list(learners[2]!, 'first: 10')).toMatchObject({ ids: [ids[2]], totalCount: 1 });
  const nosy = await list(learners[2]!, `filter: { learnerId: "${learners[1]!.userId}" }`);
  expect(nosy.errors?.[0]?.extensions['code']).toBe('FORBIDDEN');
  const greedy = await list(school.admin, 'first: 101');
  expect(greedy.errors?.[0]?.extensions).toMatchObject({ code: 'INVALID', field: ['first'] });
});
