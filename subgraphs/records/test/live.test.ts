import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { newId } from '@lyceum/service';
import { eventually, subscribe, type LiveSubscription } from '@lyceum/testing';
import { statementFor, type Statement } from '@lyceum/xapi';
import { publicUrl } from './kit/clickhouse.ts';
import { runRecords, type Person, type RunningRecords, type School } from './kit/records.ts';

let records: RunningRecords;
let school: School;
const open: LiveSubscription<Received>[] = [];

interface Received {
  statementReceived: {
    id: string;
    user: { id: string } | null;
    verb: { iri: string };
    contentItem: { id: string } | null;
  };
}
const query = `subscription ($activityId: ID, $verb: String) {
  statementReceived(activityId: $activityId, verb: $verb) { id user { id } verb { iri } contentItem { id } success stored timestamp json }
}`;

beforeAll(async () => {
  records = await runRecords();
  school = records.school();
}, 60_000);
afterAll(async () => {
  await Promise.all(open.map((subscription) => subscription.close()));
  await records.stop();
});

async function listen(person: Person, variables: Record<string, unknown> = {}) {
  const subscription = await records.follow<Received>(person, query, variables);
  open.push(subscription);
  return subscription;
}

const did = (
  userId: string,
  verb: 'completed' | 'experienced' = 'completed',
  id = newId('item'),
): Statement => statementFor({ publicUrl, userId, verb, activity: { id } });

async function nextId(subscription: LiveSubscription<Received>): Promise<string> {
  return (await subscription.next()).data.statementReceived.id;
}

test('instructors receive what their organisation does, in order, with references into the graph', async () => {
  const subscription = await listen(await school.person('INSTRUCTOR'));
  const ama = newId('user');
  const item = newId('item');
  const [first, second] = [did(ama, 'completed', item), did(newId('user'))];
  // Organisations have no order among each other: what is another's was delivered before ours is sent.
  const elsewhere = records.school();
  const stranger = await listen(await elsewhere.person('INSTRUCTOR'));
  const theirs = did(ama);
  await elsewhere.receive([theirs]);
  expect(await nextId(stranger)).toBe(theirs.id);
  await school.receive([first, second]);
  const event = await subscription.next();
  expect(event.errors).toBeUndefined();
  expect(event.data.statementReceived).toMatchObject({
    id: first.id,
    user: { id: ama },
    verb: { iri: 'http://adlnet.gov/expapi/verbs/completed' },
    contentItem: { id: item },
    success: null,
  });
  expect(await nextId(subscription)).toBe(second.id);
});

test('learners receive their own alone', async () => {
  const ama = await school.person('LEARNER');
  const subscription = await listen(ama);
  const own = did(ama.userId);
  await school.receive([did(newId('user')), did(newId('user')), own]);
  expect(await nextId(subscription)).toBe(own.id);
});

test('a subscription is narrowed to an activity and a verb', async () => {
  const item = newId('item');
  const subscription = await listen(await school.person('ADMIN'), { activityId: item, verb: 'completed' });
  const wanted = did(newId('user'), 'completed', item);
  await school.receive([did(newId('user')), did(newId('user'), 'experienced', item), wanted]);
  expect(await nextId(subscription)).toBe(wanted.id);
});

test('a whole request of 5,000 statements arrives in full', async () => {
  const subscription = await listen(await school.person('ADMIN'));
  const batch = Array.from({ length: 5_000 }, () => did('user_of_many'));
  await school.receive(batch);
  const received: string[] = [];
  for (const _ of batch) received.push(await nextId(subscription));
  expect(received).toEqual(batch.map(({ id }) => id));
});

test('the log is read only while somebody listens, and again when somebody comes back', async () => {
  await Promise.all(open.splice(0).map((subscription) => subscription.close()));
  await eventually(async () => {
    expect(await records.followers()).toBe(0);
  });
  const person = await school.person('ADMIN');
  const subscription = await listen(person);
  const statement = did(person.userId);
  await school.receive([statement]);
  expect(await nextId(subscription)).toBe(statement.id);
});

test.each([
  ['visitors', undefined, 'UNAUTHENTICATED', {}],
  ['a verb that nobody knows', 'ADMIN', 'INVALID', { verb: 'ponder' }],
] as const)('is refused to %s', async (_case, role, code, variables) => {
  const token = role && (await school.person(role)).token;
  const subscription = subscribe<Received>(records.url, query, { ...(token ? { token } : {}), variables });
  open.push(subscription);
  const { errors } = await subscription.next();
  expect(errors).toMatchObject([{ extensions: { code } }]);
});
