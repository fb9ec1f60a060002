import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
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
    cursor: string;
    statement: {
      id: string;
      json: string;
      user: { id: string } | null;
      verb: { iri: string };
      contentItem: { id: string } | null;
    };
  };
}
const query = `subscription ($filter: StatementFilter, $after: String) {
  statementReceived(filter: $filter, after: $after) { cursor statement {
    id user { id } verb { iri } contentItem { id } success stored timestamp json
  } }
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

/** `follow` counts who is served: whoever is just leaving must not be one of them. */
async function leave(subscription: LiveSubscription<Received>): Promise<void> {
  const followers = await records.followers();
  await subscription.close();
  await eventually(async () => {
    expect(await records.followers()).toBe(followers - 1);
  });
}

const did = (
  userId: string,
  verb: 'completed' | 'experienced' = 'completed',
  id = newId('item'),
): Statement => statementFor({ publicUrl, userId, verb, activity: { id } });

async function nextId(subscription: LiveSubscription<Received>): Promise<string> {
  return (await subscription.next()).data.statementReceived.statement.id;
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
  expect(event.data.statementReceived.statement).toMatchObject({
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
  const subscription = await listen(await school.person('ADMIN'), {
    filter: { activity: item, verb: 'completed' },
  });
  const wanted = did(newId('user'), 'completed', item);
  await school.receive([did(newId('user')), did(newId('user'), 'experienced', item), wanted]);
  expect(await nextId(subscription)).toBe(wanted.id);
});

test.each<[string, object, Partial<Statement>]>([
  ['success', { success: true }, { result: { success: true } }],
  ['words', { search: 'my RYE' }, { result: { response: 'Rye is my answer' } }],
  ['a score', { score: { from: 0.5, to: 0.6 } }, { result: { score: { scaled: 0.5 } } }],
  [
    'an agent anywhere',
    { agent: { mbox: 'mailto:tia@lyceum.example' }, relatedAgents: true },
    { context: { instructor: { mbox: 'mailto:tia@lyceum.example' } } },
  ],
  [
    'a member of a group',
    { agent: { mbox: 'mailto:uma@lyceum.example' } },
    { actor: { objectType: 'Group', member: [{ mbox: 'mailto:uma@lyceum.example' }] } },
  ],
  [
    'an activity anywhere',
    { activity: 'https://tool.example/book', relatedActivities: true },
    { context: { contextActivities: { grouping: { id: 'https://tool.example/book' } } } },
  ],
  [
    'a registration',
    { registration: 'A0000000-0000-4000-8000-00000000000B' },
    { context: { registration: 'a0000000-0000-4000-8000-00000000000b' } },
  ],
])('a subscription is narrowed to %s', async (_case, filter, said) => {
  const subscription = await listen(await school.person('ADMIN'), { filter });
  const wanted = { ...did(newId('user')), ...said };
  await school.receive([did(newId('user')), wanted]);
  expect(await nextId(subscription)).toBe(wanted.id);
});

describe('who goes on behind an event', () => {
  test('receives what they missed, and then what comes, each once', async () => {
    const ama = await school.person('LEARNER');
    const before = await listen(ama);
    const [first, second, third, fourth] = Array.from({ length: 4 }, () => did(ama.userId));
    await school.receive([first!, did(newId('user')), second!]);
    const { cursor, statement } = (await before.next()).data.statementReceived;
    expect(statement.id).toBe(first!.id);
    await leave(before);
    await school.receive([did(newId('user')), third!]);
    const after = await listen(ama, { after: cursor });
    expect([await nextId(after), await nextId(after)]).toEqual([second!.id, third!.id]);
    await school.receive([fourth!]);
    expect(await nextId(after)).toBe(fourth!.id);
  });

  test('receives what was missed as an erasure has left it, and only what is theirs by then', async () => {
    const ama = await school.person('LEARNER');
    const before = await listen(ama);
    const [first, moved, kept] = [did(ama.userId), did(ama.userId), did(ama.userId)];
    await school.receive([first]);
    const { cursor } = (await before.next()).data.statementReceived;
    await leave(before);
    await school.receive([moved, { ...kept, result: { response: 'my secret' } }]);
    await school.store([{ ...moved, actor: did(newId('user')).actor }, kept]);
    const after = await listen(ama, { after: cursor });
    const { id, json } = (await after.next()).data.statementReceived.statement;
    expect(id).toBe(kept.id);
    expect(json).not.toContain('my secret');
  });

  test('is told where the log has dropped what they missed', async () => {
    const person = await school.person('ADMIN');
    const subscription = await listen(person);
    await school.receive([did(person.userId)]);
    const { cursor } = (await subscription.next()).data.statementReceived;
    // As after a log was made anew: what the cursor stands behind is not there.
    const [place = '', ...rest] = cursor.split('.');
    const beyond = Buffer.from(place, 'base64url').toString().replaceAll(/:\d+/g, ':4000000');
    const after = [Buffer.from(beyond).toString('base64url'), ...rest].join('.');
    await refusedWith('CURSOR_EXPIRED', { after });
  });
});

async function refusedWith(code: string, variables: Record<string, unknown>): Promise<void> {
  const { token } = await school.person('ADMIN');
  const subscription = subscribe<Received>(records.url, query, { token, variables });
  open.push(subscription);
  expect((await subscription.next()).errors).toMatchObject([{ extensions: { code } }]);
}

test('a whole request of 5,000 statements arrives in full', async () => {
  const subscription = await listen(await school.person('ADMIN'));
  const batch = Array.from({ length: 5_000 }, () => did('user_of_many'));
  await school.receive(batch);
  const received: string[] = [];
  for (const _ of batch) received.push(await nextId(subscription));
  expect(received).toEqual(batch.map(({ id }) => id));
}, 120_000);

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
  ['a verb that nobody knows', 'ADMIN', 'INVALID', { filter: { verb: 'ponder' } }],
  ['instants, which are for lists', 'ADMIN', 'INVALID', { filter: { since: '2026-11-20T10:00:00Z' } }],
  ['a cursor that nobody gave out', 'ADMIN', 'INVALID', { after: 'nonsense' }],
  ['who asks for somebody else', 'LEARNER', 'FORBIDDEN', { filter: { actor: 'user_other' } }],
] as const)('is refused to %s', async (_case, role, code, variables) => {
  const token = role && (await school.person(role)).token;
  const subscription = subscribe<Received>(records.url, query, { ...(token ? { token } : {}), variables });
  open.push(subscription);
  const { errors } = await subscription.next();
  expect(errors).toMatchObject([{ extensions: { code } }]);
});
