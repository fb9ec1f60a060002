import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { newId } from '@lyceum/service';
import { eventually, subscribe, type GraphQLClient } from '@lyceum/testing';
import { newOrganisation, type LearningUnderTest, type Organisation } from './kit/learning.ts';
import { enrol, itemsOf, newCourse, publishCourse, send, statement, type CourseState } from './kit/story.ts';
import { twoLearners } from './kit/two-learners.ts';

// Somebody who leads one group of the academy, as their access token says; who is in it, identity tells.

let learning: LearningUnderTest;
let academy: Organisation;
let course: CourseState;
let seen: string;
let unseen: string;
let leader: GraphQLClient;
let claims: object;
const group = newId('group');
const other = newId('group');

beforeAll(async () => {
  ({ learning, academy, course, seen, unseen } = await twoLearners());
  await tell(group, 1, [academy.learner.userId]);
  await tell(other, 1, [academy.another.userId]);
  await learning.settled();
  claims = { ...academy.person('LEARNER'), grants: [{ may: ['INSTRUCTOR'], on: [group] }] };
  leader = await learning.as(claims as never);
});
afterAll(() => learning.stop());

/** What identity tells of who came into a group and who went out of it. */
async function tell(
  groupId: string,
  revision: number | undefined,
  added: string[],
  removed: string[] = [],
  { organisationId } = academy,
): Promise<void> {
  await learning.publish({
    type: 'group.members-changed',
    subject: groupId,
    organisation: organisationId,
    data: { groupId, organisationId, added, removed, ...(revision === undefined ? {} : { revision }) },
  });
}

const codeOf = async (question: string) => (await leader(question)).errors?.[0]?.extensions['code'];

const listed = async () => {
  const { data } = await leader<{ enrolments: { nodes: { id: string }[]; totalCount: number } }>(
    '{ enrolments { nodes { id progress { percent } } totalCount } }',
  );
  const ids = data.enrolments.nodes.map(({ id }) => id);
  expect(data.enrolments.totalCount).toBe(ids.length);
  return ids;
};

test('who leads a group finds the enrolments and the progress of its people, and of nobody else', async () => {
  expect(await listed()).toEqual([seen]);
  for (const [learner, enrolment, code] of [
    [academy.learner, seen, undefined],
    [academy.another, unseen, 'FORBIDDEN'],
  ] as const) {
    const of = `learnerId: "${learner.userId}"`;
    expect(await codeOf(`{ enrolment(id: "${enrolment}") { id progress { id } } }`)).toBe(code);
    expect(await codeOf(`{ progress(courseId: "${course.id}", ${of}) { id } }`)).toBe(code);
    const references = `[{ __typename: "User", id: "${learner.userId}" }]`;
    expect(
      await codeOf(
        `{ _entities(representations: ${references}) { ... on User { enrolments { nodes { progress { id } } totalCount } } } }`,
      ),
    ).toBe(code);
  }
  const narrowed = `{ enrolments(filter: { learnerId: "${academy.another.userId}" }) { nodes { id } totalCount } }`;
  expect((await leader(narrowed)).data).toEqual({ enrolments: { nodes: [], totalCount: 0 } });
});

test('pages of the list run both ways, filtered, and stop at what is seen', async () => {
  const courses = [newCourse(academy.organisationId, [[{}]]), newCourse(academy.organisationId, [[{}]])];
  for (const each of courses) await publishCourse(learning, each);
  await learning.settled();
  const more: string[] = [];
  for (const each of courses) {
    more.push(await enrol(learning, academy.learner, each.id));
    await enrol(learning, academy.another, each.id);
  }
  const all = [...more.toReversed(), seen];
  interface Page {
    enrolments: { nodes: { id: string }[]; pageInfo: { endCursor: string; startCursor: string } };
  }
  const page = async (args: string) => {
    const { data } = await leader<Page>(
      `{ enrolments(${args}) { nodes { id } pageInfo { startCursor endCursor } } }`,
    );
    return { ids: data.enrolments.nodes.map(({ id }) => id), ...data.enrolments.pageInfo };
  };
  const first = await page('first: 2');
  expect(first.ids).toEqual(all.slice(0, 2));
  const second = await page(`first: 2, after: "${first.endCursor}"`);
  expect(second.ids).toEqual(all.slice(2));
  expect((await page(`last: 2, before: "${second.startCursor}"`)).ids).toEqual(all.slice(0, 2));
  const filtered = await page(`filter: { courseId: "${course.id}", status: ACTIVE }`);
  expect(filtered.ids).toEqual([seen]);
  expect((await page('filter: { status: WITHDRAWN }')).ids).toEqual([]);
});

test('who leads a group enrols and withdraws its people, and nobody else', async () => {
  const own = newCourse(academy.organisationId, [[{}]]);
  await publishCourse(learning, own);
  await learning.settled();
  const enrolling = (learnerId: string) => `mutation {
    enrolmentCreate(input: { courseId: "${own.id}", learnerId: "${learnerId}", idempotencyKey: "k${learnerId}" }) {
      enrolment { id } userErrors { code } } }`;
  expect(await codeOf(enrolling(academy.another.userId))).toBe('FORBIDDEN');
  const { data } = await leader<{ enrolmentCreate: { enrolment: { id: string } } }>(
    enrolling(academy.learner.userId),
  );
  const withdrawing = (id: string) =>
    `mutation { enrolmentWithdraw(input: { id: "${id}" }) { userErrors { code } } }`;
  expect(await codeOf(withdrawing(unseen))).toBe('FORBIDDEN');
  expect(await codeOf(withdrawing(data.enrolmentCreate.enrolment.id))).toBeUndefined();
});

test('who leads a group follows the progress of its people, whoever they are at that moment', async () => {
  const followed = newCourse(academy.organisationId, [[{}, {}, {}]]);
  await publishCourse(learning, followed);
  await learning.settled();
  for (const learner of [academy.learner, academy.another]) await enrol(learning, learner, followed.id);
  await learning.settled();
  interface Event {
    progressUpdated: { percent: number; learner: { id: string } };
  }
  const live = subscribe<Event>(
    learning.url,
    `subscription { progressUpdated(courseId: "${followed.id}") { percent learner { id } } }`,
    { token: await learning.issuer.tokenFor(claims) },
  );
  await live.connected;
  await eventually(async () => {
    const metrics = await (await fetch(`${learning.url}/metrics`)).text();
    expect(metrics).toMatch(/^lyceum_live_subscribers\{[^}]*\} 1$/m);
  });
  const done = async (learner: typeof academy.learner, item: number) => {
    await send(learning, academy.organisationId, [
      statement(learner, 'completed', itemsOf(followed)[item]!.id),
    ]);
    await learning.settled();
  };
  await done(academy.another, 0);
  await done(academy.learner, 0);
  const { data } = await live.next();
  expect(data.progressUpdated).toMatchObject({ percent: 33, learner: { id: academy.learner.userId } });
  await tell(group, 2, [academy.another.userId]);
  await learning.settled();
  await done(academy.another, 1);
  expect((await live.next()).data.progressUpdated).toMatchObject({
    percent: 66,
    learner: { id: academy.another.userId },
  });
  await tell(group, 3, [], [academy.another.userId]);
  await learning.settled();
  await done(academy.another, 2);
  await done(academy.learner, 1);
  expect((await live.next()).data.progressUpdated.learner).toEqual({ id: academy.learner.userId });
  await live.close();
});

describe('who is in a group', () => {
  test('is what the newest event says, however late an older one comes, and however often', async () => {
    const late = newId('group');
    const { userId } = academy.another;
    const ask = await learning.as({
      ...academy.person('LEARNER'),
      grants: [{ may: ['INSTRUCTOR'], on: [late] }],
    } as never);
    const isIn = async () => {
      await learning.settled();
      const { data } = await ask<{ enrolments: { totalCount: number } }>('{ enrolments { totalCount } }');
      return data.enrolments.totalCount > 0;
    };
    expect(await isIn()).toBe(false);
    await tell(late, 4, [userId]);
    expect(await isIn()).toBe(true);
    await tell(late, 3, [], [userId]);
    expect(await isIn()).toBe(true);
    await tell(late, 5, [], [userId]);
    await tell(late, 4, [userId]);
    expect(await isIn()).toBe(false);
    await tell(late, 6, [userId]);
    await tell(late, 6, [userId]);
    expect(await isIn()).toBe(true);
    // An identity that does not count yet, while it is being replaced: what it tells comes in order, and counts.
    await tell(late, undefined, [], [userId]);
    expect(await isIn()).toBe(false);
  });

  test('is nobody once the group is deleted', async () => {
    const gone = newId('group');
    const { organisationId } = academy;
    await tell(gone, 1, [academy.learner.userId]);
    await learning.settled();
    expect(await learning.prisma.groupMember.count({ where: { groupId: gone } })).toBe(1);
    const facts = { name: 'Gone', description: null, externalId: null, deleted: true, revision: 2 };
    await learning.publish({
      type: 'group.changed',
      subject: gone,
      organisation: organisationId,
      data: { group: { id: gone, organisationId, ...facts } },
    });
    await learning.settled();
    expect(await learning.prisma.groupMember.count({ where: { groupId: gone } })).toBe(0);
  });

  test('is of its organisation: a group of another gives nothing, whoever says so in a token', async () => {
    const elsewhere = newOrganisation();
    const theirs = newId('group');
    // Had they the same learner, which no identity would say.
    await tell(theirs, 1, [academy.learner.userId], [], elsewhere);
    await learning.settled();
    const ask = await learning.as({
      ...academy.person('LEARNER'),
      grants: [{ may: ['INSTRUCTOR'], on: [theirs] }],
    } as never);
    expect((await ask('{ enrolments { totalCount } }')).data).toEqual({ enrolments: { totalCount: 0 } });
    const { errors } = await ask(`{ enrolment(id: "${seen}") { id } }`);
    expect(errors).toMatchObject([{ extensions: { code: 'FORBIDDEN' } }]);
  });
});
