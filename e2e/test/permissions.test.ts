import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { getNamedType, isScalarType } from 'graphql';
import { createSystem, graphqlClient, idArguments, subscribe, type System } from '@lyceum/testing';
import { forgeTokens, soundToken } from './kit/forge.ts';
import { callOf, readGraph, type Call, type Given, type Operation } from './kit/graph.ts';
import { kindOf } from './kit/id-kinds.ts';
import { outcomeOf, type Outcome } from './kit/outcome.ts';
import { columns, readMatrix, writeMatrix, type Column, type Row } from './kit/permission-matrix.ts';
import { protectedFields, undeclaredIn } from './kit/protected-fields.ts';
import { demoSecret } from './kit/people.ts';
import { openSchool, strangerTo, unknownLike, type Asker, type School } from './kit/school.ts';

// Who may do what, over the whole graph: three tests that are generated from it, on one system.

const { schema, operations } = readGraph();
const byName = new Map(operations.map((operation) => [operation.name, operation]));
const expected = readMatrix();
const isWriting = process.env['LYCEUM_WRITE_MATRIX'] === '1';

let system: System;
let school: School;
let stranger: Asker;
let forged: Readonly<Record<string, string>>;

beforeAll(async () => {
  system = createSystem();
  await system.start();
  school = await openSchool(system);
  stranger = await strangerTo(system);
  forged = await forgeTokens(system, school.of.ADMIN.token);
}, 180_000);

afterAll(async () => {
  await system.delete();
}, 30_000);

interface Answer {
  readonly data: unknown;
  readonly errors?:
    readonly { readonly message: string; readonly extensions?: Record<string, unknown> }[] | undefined;
}

/** Asks a service as the bearer of a token; a subscription until its first event, which must be a refusal. */
async function answerOf(url: string, { query, variables }: Call, token?: string): Promise<Answer> {
  if (!query.startsWith('subscription')) return graphqlClient(url, token)(query, variables);
  const options = token === undefined ? { variables } : { token, variables };
  const live = subscribe<unknown>(url, query, options);
  try {
    return await live.next();
  } finally {
    await live.close();
  }
}

const gateway = () => system.url('gateway');

/** What else operations must be given, or for one of their ids, so that they come as far as to look at it. */
const givenTo: Readonly<Record<string, Given>> = {
  'Mutation.contentItemCreate': { 'input.body': 'Some text.' },
  'Mutation.contentItemCreate(input.assessmentId)': { 'input.type': 'QUIZ', 'input.body': null },
  'Mutation.organisationCreate': { 'input.slug': 'not a slug' },
  'Mutation.passkeyRemove': { 'input.currentPassword': demoSecret },
  'Mutation.signOnLinkRemove': { 'input.currentPassword': demoSecret },
  'Mutation.roleUpdate': { 'input.permissions': ['user.list'] },
  // Else nobody could log in any more.
  'Mutation.secondFactorPolicyUpdate': { 'input.required': false },
  'Mutation.roleGrant(input.userId)': {
    'input.role': 'AUTHOR',
    'input.courseId': 'course_01h455vb4pex5vsknk084sn02q',
  },
  'Mutation.roleGrant(input.groupId)': { 'input.role': 'INSTRUCTOR' },
  'Mutation.questionCreate': { 'input.content.trueFalse': { isTrue: true } },
  'Mutation.questionUpdate': { 'input.content.trueFalse': { isTrue: true } },
};

/**
 * A stream or a count that is narrowed by whatever anybody may name, and is silent, or nothing, for what nobody has: what
 * is delivered, subgraphs/records/test/tenancy.test.ts waits for.
 */
const onlyNarrows = new Set([
  'Subscription.statementReceived',
  'Query.statementCounts(filter.actor)',
  'Query.statementCounts(filter.activity)',
]);

/** What these end, the gateway takes from nobody any more: each is asked in a session of its own. */
const endsSession = (name: string) => /\.sessions?Revoke$/.test(name);

function tokenFor(name: string, who: Column): Promise<string> | string | undefined {
  if (who === 'nobody') return undefined;
  return endsSession(name) ? school.of[who].loggedInAnew() : school.of[who].token;
}

/**
 * What a subscription that is let through is given to be refused for, so that it answers: an id that nothing has, or a
 * text that names nothing.
 */
function everyArgument({ kind, field }: Operation): Given {
  if (kind !== 'subscription') return {};
  const texts = field.args.filter(
    ({ type }) => isScalarType(getNamedType(type)) && !String(type).startsWith('Int'),
  );
  const unknown = texts.map(({ name, type }) => [
    name,
    String(type).startsWith('ID') ? idOfNothing(`Subscription.${field.name}`, name) : 'nothing at all',
  ]);
  return Object.fromEntries(unknown) as Given;
}

function idOfNothing(operation: string, name: string): string {
  return unknownLike(school.ids[kindOf(operation, name)]);
}

describe('the matrix of permissions', () => {
  // `sessionsRevoke` ends all that somebody has.
  const names = [...operations.map(({ name }) => name), ...Object.keys(protectedFields)].sort(
    (one, other) => Number(endsSession(one)) - Number(endsSession(other)),
  );
  const found = new Map<string, Row>();

  test('has every operation of the graph, every protected field, and nothing else', () => {
    if (!isWriting) expect([...expected.keys()].sort()).toEqual([...names].sort());
    expect(undeclaredIn(schema)).toEqual([]);
    for (const name of Object.keys(protectedFields)) {
      const [type = '', field = ''] = name.split('.');
      expect([name, schema.getType(type)?.toString(), field]).toEqual([name, type, field]);
    }
  });

  const callFor = (name: string): Call => {
    const operation = byName.get(name);
    if (!operation) return protectedFields[name]!(school.ids);
    return callOf(operation, { ...givenTo[name], ...everyArgument(operation) });
  };
  const outcomeFor = async (name: string, who: Column): Promise<Outcome> => {
    const token = await tokenFor(name, who);
    return outcomeOf((await answerOf(gateway(), callFor(name), token)) as Parameters<typeof outcomeOf>[0]);
  };

  test.each(names)('%s', async (name) => {
    const outcomes = await Promise.all(
      columns.map(async (who) => [who, await outcomeFor(name, who)] as const),
    );
    const row = Object.fromEntries(outcomes) as Row;
    found.set(name, row);
    if (!isWriting) expect(row).toEqual(expected.get(name));
  });

  afterAll(() => {
    if (isWriting) writeMatrix(new Map([...found].sort(([one], [other]) => (one < other ? -1 : 1))));
  });
});

describe('an id of another organisation is answered as one that nothing has, in', () => {
  const places = [...idArguments(schema)]
    .flatMap(([name, paths]) => paths.map((path) => [name, path] as const))
    .filter(([name, path]) => !onlyNarrows.has(name) && !onlyNarrows.has(`${name}(${path})`))
    // What the platform's role alone may do is about other organisations.
    .filter(
      ([name]) =>
        expected.get(name)?.ADMIN !== 'FORBIDDEN' || expected.get(name)?.PLATFORM_ADMIN !== 'ALLOWED',
    );

  test.each(places)('%s(%s)', async (name, path) => {
    const operation = byName.get(name)!;
    const needed = Object.keys(requiredIds(operation));
    const told = async (pick: (id: string) => string) => {
      const ids = [...new Set([...needed, path])].map(
        (each) => [each, pick(school.ids[kindOf(name, each)])] as const,
      );
      const given = { ...givenTo[name], ...givenTo[`${name}(${path})`], ...Object.fromEntries(ids) };
      const answer = await answerOf(gateway(), callOf(operation, given), stranger.token);
      const { data, errors } = answer;
      return ids.reduce((text, [, id]) => text.replaceAll(id, '…'), JSON.stringify({ data, errors }));
    };
    const theirs = await told((id) => id);
    expect(theirs).toBe(await told(unknownLike));
    // Refused for the id, or a list of nothing: had it been refused for something else, this would show nothing.
    expect(theirs).toMatch(/NOT_FOUND|"nodes":\[\]/);
  });

  /** The ids without which the operation can't be called. */
  function requiredIds(operation: Operation): Given {
    const paths = idArguments(schema).get(operation.name) ?? [];
    const { variables } = callOf(operation);
    const valueAt = (path: string) =>
      path
        .split('.')
        .reduce<unknown>((value, key) => (value as Record<string, unknown> | undefined)?.[key], variables);
    return Object.fromEntries(
      paths.filter((path) => valueAt(path) !== undefined).map((path) => [path, true]),
    );
  }
});

describe('a subgraph, asked directly,', () => {
  const isPublic = ({ name }: Operation) => expected.get(name)?.nobody === 'ALLOWED';

  test('takes a token that is made as the forged ones are, rightly', async () => {
    const token = await soundToken(system, school.of.ADMIN.token);
    for (const owner of new Set(operations.map((operation) => operation.owner))) {
      const { errors } = await answerOf(system.url(owner), { query: '{ __typename }', variables: {} }, token);
      expect([owner, errors]).toEqual([owner, undefined]);
    }
  });

  test.each(operations.filter((operation) => !isPublic(operation)).map(({ name }) => name))(
    'refuses %s without a token',
    async (name) => {
      const operation = byName.get(name)!;
      const { errors } = await answerOf(
        system.url(operation.owner),
        callOf(operation, everyArgument(operation)),
      );
      expect(errors?.map(({ extensions }) => extensions?.['code'])).toEqual(['UNAUTHENTICATED']);
    },
  );

  test.each(operations.map(({ name }) => name))('refuses %s with each forged token', async (name) => {
    const operation = byName.get(name)!;
    const call = callOf(operation, everyArgument(operation));
    for (const [fault, token] of Object.entries(forged))
      expect([fault, await refusalOf(system.url(operation.owner), call, token)]).toEqual([
        fault,
        'UNAUTHENTICATED',
      ]);
  });

  test.each([...new Set(operations.map(({ owner }) => owner))])(
    'refuses what the gateway asks of %s with each forged token',
    async (owner) => {
      const query = 'query ($of: [_Any!]!) { _entities(representations: $of) { __typename } }';
      const call = { query, variables: { of: [{ __typename: 'Course', id: school.ids.course }] } };
      for (const [fault, token] of Object.entries(forged))
        expect([fault, await refusalOf(system.url(owner), call, token)]).toEqual([fault, 'UNAUTHENTICATED']);
    },
  );

  /** A socket is closed with 4403 (graphql-ws), everything else answered. */
  async function refusalOf(url: string, call: Call, token: string): Promise<unknown> {
    try {
      const { data, errors } = await answerOf(url, call, token);
      return data ?? errors?.[0]?.extensions?.['code'];
    } catch (error) {
      return (error as { code?: number }).code === 4403 ? 'UNAUTHENTICATED' : error;
    }
  }
});
