import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { newId, type Role } from '@lyceum/service';
import { eventually, graphqlClient, placesOfIds, readSchema, subscribe } from '@lyceum/testing';
import { agentOf, statementFor, uuidV7, type Statement } from '@lyceum/xapi';
import { publicUrl } from './kit/clickhouse.ts';
import { runRecords, type Person, type RunningRecords, type School } from './kit/records.ts';

let records: RunningRecords;
let ours: School;
let theirs: School;
let admin: Person;
const strangers = new Map<Role, Person>();
const roles: Role[] = ['ADMIN', 'AUTHOR', 'INSTRUCTOR', 'LEARNER'];

const learnerId = newId('user');
const courseId = newId('course');
const did = (userId: string, id: string): Statement =>
  statementFor({ publicUrl, userId, verb: 'completed', activity: { id } });
const registration = crypto.randomUUID();
const written = { ...did(learnerId, courseId), context: { registration } };

beforeAll(async () => {
  records = await runRecords();
  [ours, theirs] = [records.school(), records.school()];
  const { organisationId } = ours;
  const course = { id: courseId, organisationId, title: 'Bread', slug: 'bread', modules: [], revision: 1 };
  await ours.tell({ ...course, status: 'PUBLISHED' });
  await ours.store([written]);
  await ours.begin({ id: jobId, kind: 'IMPORT', state: 'RUNNING', parameters: {} });
  await records.database.statementForwardings.insertOptional({
    ...{
      id: forwardingId,
      organisationId,
      name: 'Ours',
      endpoint: 'https://lrs.example.org/xapi',
      version: '1.0.3',
    },
    ...{ key: 'us', secret: 'sealed', since: new Date(), attachments: false, createdBy: newId('user') },
    filter: {
      verbs: [],
      activities: [],
      actors: [],
      registrations: [],
      relatedActivities: false,
      relatedAgents: false,
    },
  });
  await records.settled();
  admin = await ours.person('ADMIN');
  await records.log.append([
    {
      topic: 'statements.dead-letter',
      key: organisationId,
      value: 'unreadable',
      headers: {
        organisation: organisationId,
        'dead-letter-topic': 'statements',
        'dead-letter-group': 'nobody',
      },
    },
  ]);
  const { data } = await admin.ask<{ deadLetters: { nodes: { id: string }[] } }>(
    '{ deadLetters { nodes { id } } }',
  );
  deadLetterId = data.deadLetters.nodes[0]!.id;
  for (const role of roles) strangers.set(role, await theirs.person(role));
}, 60_000);
afterAll(() => records.stop());

const entities = `query ($representations: [_Any!]!) {
  _entities(representations: $representations) {
    __typename
    ... on Statement { verb { iri } json }
    ... on StoreJob { state }
    ... on StatementForwarding { name }
    ... on Course {
      activity(granularity: HOUR, since: "2026-11-20T10:00:00Z", until: "2026-11-20T12:00:00Z") { statements }
    }
  }
}`;
const list = 'query ($filter: StatementFilter) { statements(filter: $filter) { nodes { id } totalCount } }';
const counts = `query ($filter: StatementCountFilter) {
  statementCounts(filter: $filter, since: "2026-01-01T00:00:00Z", until: "2100-01-01T00:00:00Z") { total byVerb { verb { iri } } }
}`;
const subscription =
  'subscription ($filter: StatementFilter) { statementReceived(filter: $filter) { statement { id } } }';

/** Where an id goes in: one of ours, its like that nobody has, and how somebody asks by either. */
interface Place {
  readonly ours: string;
  readonly unknown: () => string;
  readonly ask: (who: Person, id: string) => Promise<unknown>;
}

function operation(document: string, variables: (id: string) => Record<string, unknown>) {
  return ({ ask }: Person, id: string) => ask(document, variables(id));
}

function reference(__typename: string) {
  return operation(entities, (id) => ({ representations: [{ __typename, id }] }));
}

const jobId = newId('storejob');
const forwardingId = newId('forwarding');
const forwarding = { ours: forwardingId, unknown: () => newId('forwarding') };
/** A mutation on a forwarding. */
const onForwarding = (act: string, result = 'forwarding { state }', more = '') => ({
  ...forwarding,
  ask: operation(
    `mutation ($id: ID!) { statementForwarding${act}(input: { id: $id ${more} }) { ${result} userErrors { code message } } }`,
    (id) => ({ id }),
  ),
});
const job = { ours: jobId, unknown: () => newId('storejob') };
/** Known once it is on the log: until then its name stands for it. */
const ofDeadLetter = { ours: 'our dead letter', unknown: () => newId('deadletter') };
let deadLetterId = '';
const deadLetterFor = (id: string) => (id === ofDeadLetter.ours ? deadLetterId : id);

const decision =
  (verb: 'Resend' | 'Discard') =>
  async ({ ask }: Person, id: string) => {
    const answer = await ask(
      `mutation ($input: DeadLetter${verb}Input!) {
        deadLetter${verb}(input: $input) { deadLetter { id } userErrors { code field message } }
      }`,
      { input: { id: deadLetterFor(id) } },
    );
    return JSON.stringify(answer).replaceAll(deadLetterId, ofDeadLetter.ours);
  };

const ofStatement = { ours: written.id!, unknown: uuidV7 };
const ofCourse = { ours: courseId, unknown: () => newId('course') };

const places: Record<string, Place> = {
  'Query.statement(id)': {
    ...ofStatement,
    ask: operation('query ($id: ID!) { statement(id: $id) { json } }', (id) => ({ id })),
  },
  'Query.activity(id)': {
    ...ofCourse,
    ask: operation('query ($id: ID!) { activity(id: $id) { iri } }', (id) => ({ id })),
  },
  'Query.agent(identifier.userId)': {
    ours: learnerId,
    unknown: () => newId('user'),
    ask: operation('query ($id: ID!) { agent(identifier: { userId: $id }) { type } }', (id) => ({ id })),
  },
  'Query.statements(filter.actor)': {
    ours: learnerId,
    unknown: () => newId('user'),
    ask: operation(list, (actor) => ({ filter: { actor } })),
  },
  'Query.statements(filter.agent.userId)': {
    ours: learnerId,
    unknown: () => newId('user'),
    ask: operation(list, (userId) => ({ filter: { agent: { userId } } })),
  },
  'Query.statements(filter.registration)': {
    ours: registration,
    unknown: () => crypto.randomUUID(),
    ask: operation(list, (each) => ({ filter: { registration: each } })),
  },
  'Query.statements(filter.activity)': {
    ...ofCourse,
    ask: operation(list, (activity) => ({ filter: { activity } })),
  },
  'Subscription.storeJobChanged(id)': {
    ...job,
    ask: async ({ token }, id) => {
      const query = 'subscription ($id: ID!) { storeJobChanged(id: $id) { id } }';
      const refused = subscribe(records.url, query, { token, variables: { id } });
      const { errors } = await refused.next();
      await refused.close();
      return errors;
    },
  },
  'Query.statementForwarding(id)': {
    ...forwarding,
    ask: operation(
      'query ($id: ID!) { statementForwarding(id: $id) { id refusals { totalCount } } }',
      (id) => ({ id }),
    ),
  },
  'Subscription.statementForwardingChanged(id)': {
    ...forwarding,
    ask: async ({ token }, id) => {
      const query = 'subscription ($id: ID!) { statementForwardingChanged(id: $id) { id } }';
      const refused = subscribe(records.url, query, { token, variables: { id } });
      const { errors } = await refused.next();
      await refused.close();
      return errors;
    },
  },
  'Mutation.statementForwardingUpdate(input.id)': onForwarding('Update', undefined, 'name: "Theirs"'),
  'Mutation.statementForwardingPause(input.id)': onForwarding('Pause'),
  'Mutation.statementForwardingResume(input.id)': onForwarding('Resume'),
  'Mutation.statementForwardingTest(input.id)': onForwarding('Test', 'test { reached }'),
  StatementForwarding: { ...forwarding, ask: reference('StatementForwarding') },
  StoreJob: { ...job, ask: reference('StoreJob') },
  'Query.statementCounts(filter.actor)': {
    ours: learnerId,
    unknown: () => newId('user'),
    ask: operation(counts, (actor) => ({ filter: { actor } })),
  },
  'Query.statementCounts(filter.activity)': {
    ...ofCourse,
    ask: operation(counts, (activity) => ({ filter: { activity } })),
  },
  'Query.statementCounts(filter.courseId)': {
    ...ofCourse,
    ask: operation(counts, (id) => ({ filter: { courseId: id } })),
  },
  'Query.storeJob(id)': {
    ...job,
    ask: operation('query ($id: ID!) { storeJob(id: $id) { id state } }', (id) => ({ id })),
  },
  'Mutation.storeJobCancel(input.id)': {
    ...job,
    ask: operation(
      'mutation ($id: ID!) { storeJobCancel(input: { id: $id }) { job { state } userErrors { code message } } }',
      (id) => ({ id }),
    ),
  },
  'Subscription.statementReceived(filter.activity)': {
    ...ofCourse,
    ask: whoseIsFirst((id) => ({ activity: id }), did),
  },
  'Subscription.statementReceived(filter.actor)': {
    ours: learnerId,
    unknown: () => newId('user'),
    ask: whoseIsFirst(
      (actor) => ({ actor }),
      (_who, id) => did(id, courseId),
    ),
  },
  'Subscription.statementReceived(filter.agent.userId)': {
    ours: learnerId,
    unknown: () => newId('user'),
    ask: whoseIsFirst(
      (userId) => ({ agent: { userId } }),
      (userId, id) => ({ ...did(userId, courseId), object: agentOf(publicUrl, id) }),
    ),
  },
  'Subscription.statementReceived(filter.registration)': {
    ours: registration,
    unknown: () => crypto.randomUUID(),
    ask: whoseIsFirst(
      (each) => ({ registration: each }),
      (userId, each) => ({ ...did(userId, courseId), context: { registration: each } }),
    ),
  },
  'Query.deadLetter(id)': {
    ...ofDeadLetter,
    ask: (who, id) =>
      who
        .ask('query ($id: ID!) { deadLetter(id: $id) { id } }', { id: deadLetterFor(id) })
        .then((answer) => JSON.stringify(answer).replaceAll(deadLetterId, ofDeadLetter.ours)),
  },
  'Mutation.deadLetterResend(input.id)': { ...ofDeadLetter, ask: decision('Resend') },
  'Mutation.deadLetterDiscard(input.id)': { ...ofDeadLetter, ask: decision('Discard') },
  Statement: { ...ofStatement, ask: reference('Statement') },
  Course: { ...ofCourse, ask: reference('Course') },
  // The last: afterwards it is no more.
  'Mutation.statementForwardingDelete(input.id)': onForwarding('Delete', 'forwardingId'),
};

/**
 * Any tool may speak of anything: a stranger hears what their own organisation says of it, never what ours does; or is
 * refused, whatever the id.
 *
 * @param statementOf what somebody does that the filter finds
 */
function whoseIsFirst(
  filterOf: (id: string) => object,
  statementOf: (userId: string, id: string) => Statement,
): (who: Person, id: string) => Promise<unknown> {
  return async (who, id) => {
    const variables = { filter: filterOf(id) };
    const { errors } = await who.ask(list, variables);
    if (errors) return refusal(who, variables);
    const [follower, stranger] = [
      await records.follow<Received>(admin, subscription, variables),
      await records.follow<Received>(who, subscription, variables),
    ];
    const [foreign, own] = [statementOf(learnerId, id), statementOf(who.userId, id)];
    await ours.receive([foreign]);
    expect((await follower.next()).data.statementReceived.statement.id).toBe(foreign.id);
    await theirs.receive([own]);
    const first = (await stranger.next()).data.statementReceived.statement.id;
    await Promise.all([follower.close(), stranger.close()]);
    await eventually(async () => {
      expect(await records.followers()).toBe(0);
    });
    expect(first).toBe(own.id);
    return 'their own';
  };
}

interface Received {
  statementReceived: { statement: { id: string } };
}

async function refusal({ token }: Person, variables: Record<string, unknown>): Promise<unknown> {
  const refused = subscribe<Received>(records.url, subscription, { token, variables });
  const { errors } = await refused.next();
  await refused.close();
  return errors;
}

test('the table has every place of the schema where an id goes in', async () => {
  const schema = await readSchema(graphqlClient(records.url));
  expect(Object.keys(places).sort()).toEqual(placesOfIds(schema).sort());
});

describe.each(Object.entries(places))('%s', (name, { ours: ourId, unknown, ask }) => {
  /** The answer, with whatever id was asked for written in one way. */
  const answer = async (who: Person, id: string) =>
    JSON.stringify(await ask(who, id)).replaceAll(id, '(the id)');

  test.each(roles)('of another organisation is to the role %s what nobody has', async (role) => {
    const nothing = await answer(strangers.get(role)!, unknown());
    expect(await answer(strangers.get(role)!, ourId)).toBe(nothing);
    expect(nothing).not.toContain('INTERNAL');
  });

  // What subscribers receive of their own organisation, live.test.ts shows.
  if (name.startsWith('Subscription')) return;
  test('of the own organisation is something', async () => {
    expect(await answer(admin, ourId)).not.toBe(await answer(admin, unknown()));
  });
});
