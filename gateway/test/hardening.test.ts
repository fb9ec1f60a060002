import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { getIntrospectionQuery } from 'graphql';
import { startGateway, watch, type TestGateway } from './kit/gateway.ts';
import { startSchool, type School } from './kit/school.ts';

let school: School;
let gateway: TestGateway;
let production: TestGateway;

beforeAll(async () => {
  school = await startSchool();
  gateway = await startGateway(school.all);
  production = await startGateway(school.all, { production: true, introspection: false });
});

afterAll(async () => {
  await gateway.stop();
  await production.stop();
  await school.stop();
});

/** Small, flat and cheap: but 32,768 selections, each under conditions of its own, which a planner would tell apart. */
function fragmentBomb(levels: number): string {
  const indices = Array.from({ length: levels }, (_, index) => index);
  const fragments = indices.map(
    (index) =>
      `fragment F${index} on Person { ...F${index + 1} ... @include(if: $v${index}) { ...F${index + 1} } }`,
  );
  const variables = indices.map((index) => `$v${index}: Boolean = true`);
  return `query(${variables.join(' ')}) { person(id: "ada") { ...F0 } } ${fragments.join(' ')} fragment F${levels} on Person { id }`;
}

describe('an operation beyond the limits is refused before a subgraph is asked', () => {
  test.each([
    [
      'too deep',
      `{ person(id: "ada") { ${'friends(first: 1) { '.repeat(12)} id ${'} '.repeat(12)} } }`,
      'OPERATION_TOO_DEEP',
    ],
    ['too costly', '{ people(first: 100) { nodes { friends(first: 100) { id } } } }', 'OPERATION_TOO_COSTLY'],
    [
      'many mutations in one',
      `mutation { ${Array.from({ length: 11 }, (_, index) => `a${index}: rename(id: "ada", name: "x") { id }`).join(' ')} }`,
      'TOO_MANY_MUTATIONS',
    ],
    [
      'many mutations in fragments',
      `mutation { ${'...F '.repeat(4)} } fragment F on Mutation { ...G ...G ...G } fragment G on Mutation { rename(id: "ada", name: "x") { id } }`,
      'TOO_MANY_MUTATIONS',
    ],
    [
      'the schema many times over',
      `{ ${Array.from({ length: 6 }, (_, index) => `a${index}: __schema { types { name } }`).join(' ')} }`,
      'TOO_MANY_INTROSPECTIONS',
    ],
    [
      'many types of the schema',
      `{ ${Array.from({ length: 6 }, (_, index) => `a${index}: __type(name: "Person") { name }`).join(' ')} }`,
      'TOO_MANY_INTROSPECTIONS',
    ],
    ['too large once its fragments are expanded', fragmentBomb(15), 'OPERATION_TOO_LARGE'],
    ['too long', `{ ${'whoami '.repeat(2_100)} }`, 'GRAPHQL_PARSE_FAILED'],
  ])('%s', async (_name, query, code) => {
    school.people.received.length = 0;
    const { status, errors } = await gateway.query(query);
    expect(status).toBe(400);
    expect(errors).toMatchObject([{ extensions: { code } }]);
    expect(school.people.received).toHaveLength(0);
  });

  test('the answer says the measure and the limit', async () => {
    const { errors } = await gateway.query('{ people(first: 100) { nodes { friends(first: 100) { id } } } }');
    expect(errors).toEqual([
      {
        message:
          'The operation may return 10101 objects; at most 2000 are allowed. Ask for fewer elements with first or last, or in several operations.',
        extensions: { code: 'OPERATION_TOO_COSTLY', cost: 10101, limit: 2000 },
      },
    ]);
  });
});

describe('a large operation of everyday is let through', () => {
  test('the introspection query of the playground', async () => {
    const { status, errors } = await gateway.query(
      getIntrospectionQuery({ inputValueDeprecation: true, schemaDescription: true, specifiedByUrl: true }),
    );
    expect({ status, errors }).toEqual({ status: 200, errors: undefined });
  });

  test('ten mutations', async () => {
    const renames = Array.from(
      { length: 10 },
      (_, index) => `a${index}: rename(id: "ada", name: "x") { id }`,
    );
    const { status, errors } = await gateway.query(`mutation { __typename ${renames.join(' ')} }`);
    expect({ status, errors }).toEqual({ status: 200, errors: undefined });
  });

  test('fragments in every part of it, some under conditions', async () => {
    const people = Array.from({ length: 40 }, (_, index) => `p${index}: person(id: "ada") { ...Card }`);
    const query = `query($more: Boolean = true) { ${people.join(' ')} }
      fragment Card on Person { id name ...More @include(if: $more) friends(first: 2) { id name } }
      fragment More on Person { greeting(word: "Hello") teaches { id title } }`;
    const { data, errors } = await gateway.query(query);
    expect(errors).toBeUndefined();
    expect(data).toMatchObject({
      p39: { name: 'Ada', teaches: [{ title: 'Algebra' }, { title: 'Botany' }] },
    });
  });
});

describe('in production', () => {
  test('a fault is shown as an id, with its path and subgraph', async () => {
    const { data, errors } = await production.query('{ broken whoami }');
    expect(data).toEqual({ broken: null, whoami: null });
    expect(JSON.stringify(errors)).not.toContain('secrets');
    expect(errors).toEqual([
      {
        message: expect.stringMatching(/^Something went wrong on our side \(error [0-9a-f-]{36}\)\.$/),
        path: ['broken'],
        extensions: { code: 'INTERNAL_SERVER_ERROR', serviceName: 'people', errorId: expect.any(String) },
      },
    ]);
  });

  test('elsewhere it is told as it is', async () => {
    const { errors } = await gateway.query('{ broken }');
    expect(errors?.[0]?.message).toBe('select * from secrets failed');
  });

  test('the schema is not shown, over HTTP or over a socket', async () => {
    const { status } = await production.query('{ __schema { queryType { name } } }');
    expect(status).toBe(400);
    const client = production.connect();
    const watched = watch(client, '{ __schema { queryType { name } } }');
    await watched.end;
    expect(watched.results).toMatchObject([
      { errors: [{ extensions: { code: 'GRAPHQL_VALIDATION_FAILED' } }] },
    ]);
    await client.dispose();
  });

  test('a misspelt field is not answered with a suggestion', async () => {
    const { errors } = await production.query('{ whoam }');
    expect(errors?.[0]?.message).not.toContain('whoami');
  });
});
