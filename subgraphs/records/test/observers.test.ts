import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { newId, OBSERVER_PERMISSIONS } from '@lyceum/service';
import { statementFor, type Statement } from '@lyceum/xapi';
import { publicUrl } from './kit/clickhouse.ts';
import { runRecords, type Person, type RunningRecords, type School } from './kit/records.ts';

// A parent who observes one learner of the school, as their access token says.

let records: RunningRecords;
let school: School;
let parent: Person;
let child: string;
let other: string;
let seen: Statement;
let unseen: Statement;

const did = (userId: string): Statement =>
  statementFor({ publicUrl, userId, verb: 'completed', activity: { id: newId('item') } });

beforeAll(async () => {
  records = await runRecords();
  school = records.school();
  [child, other] = [newId('user'), newId('user')];
  [seen, unseen] = [did(child), did(other)];
  await school.store([seen, unseen]);
  parent = await observerOf(school, child);
}, 60_000);
afterAll(() => records.stop());

const observerOf = (of: School, learnerId: string) =>
  of.person('OBSERVER', newId('user'), [{ may: [...OBSERVER_PERMISSIONS], on: [learnerId] }]);

interface Found {
  statements: { nodes: { id: string }[]; totalCount: number };
}

const list = ({ ask }: Person, actor?: string) =>
  ask<Found>('query ($actor: ID) { statements(filter: { actor: $actor }) { nodes { id } totalCount } }', {
    actor,
  });

const read = ({ ask }: Person, id: string) =>
  ask('query ($id: ID!) { statement(id: $id) { id json } }', { id });

test('an observer finds the statements of their learner, and of nobody else', async () => {
  const theirs = { nodes: [{ id: seen.id }], totalCount: 1 };
  expect((await list(parent)).data.statements).toEqual(theirs);
  expect((await list(parent, child)).data.statements).toEqual(theirs);
  expect((await list(parent, other)).errors?.[0]?.extensions).toMatchObject({
    code: 'FORBIDDEN',
    missing: 'statement.read.all',
  });
  expect((await list(parent, parent.userId)).data.statements.totalCount).toBe(0);
  expect((await read(parent, seen.id!)).data).toMatchObject({ statement: { id: seen.id } });
  expect((await read(parent, unseen.id!)).errors).toMatchObject([{ extensions: { code: 'NOT_FOUND' } }]);
});

test("another organisation's learner is none, whoever says so in a token of this one", async () => {
  const elsewhere = records.school();
  const theirs = did(newId('user'));
  await elsewhere.store([theirs]);
  const stranger = await observerOf(school, theirs.actor.account!.name);
  expect((await list(stranger)).data.statements).toEqual({ nodes: [], totalCount: 0 });
  expect((await read(stranger, theirs.id!)).errors).toMatchObject([{ extensions: { code: 'NOT_FOUND' } }]);
});

test('an observer receives the statements of their learner, and of nobody else', async () => {
  const query = 'subscription { statementReceived { statement { id } } }';
  const live = await records.follow<{ statementReceived: { statement: { id: string } } }>(parent, query);
  const own = did(child);
  await school.receive([did(other), did(newId('user')), own]);
  expect((await live.next()).data.statementReceived.statement.id).toBe(own.id);
  await live.close();
});

test('who teaches one course sees how much happens in it, and in no other', async () => {
  const [taught, another] = [newId('course'), newId('course')];
  for (const id of [taught, another]) {
    await school.tell({
      id,
      organisationId: school.organisationId,
      title: 'A course',
      slug: id.replace('_', '-'),
      status: 'PUBLISHED',
      revision: 1,
      modules: [],
    });
  }
  await records.settled();
  const { ask } = await school.person('LEARNER', newId('user'), [{ may: ['INSTRUCTOR'], on: [taught] }]);
  const activity = (id: string) =>
    ask<{ _entities: [{ activity: object[] | null }] }>(
      `query ($of: [_Any!]!) { _entities(representations: $of) {
        ... on Course { activity(granularity: HOUR, since: "2026-11-20T10:00:00Z", until: "2026-11-20T12:00:00Z") { statements } }
      } }`,
      { of: [{ __typename: 'Course', id }] },
    );
  const { data, errors } = await activity(taught);
  expect(errors).toBeUndefined();
  expect(data._entities[0].activity).toHaveLength(2);
  expect((await activity(another)).errors?.[0]?.extensions).toMatchObject({
    code: 'FORBIDDEN',
    missing: 'course.activity.read',
  });
});
