import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { buildSchema, getOperationAST, parse } from 'graphql';
import { createActualCost } from '../src/cost/actual-cost.ts';
import { rememberCosts } from '../src/cost/schema-costs.ts';
import { measureOperation } from '../src/limits/measure.ts';
import { startGateway, type TestGateway } from './kit/gateway.ts';
import { initialised } from './kit/raw-socket.ts';
import { startSubgraph, type TestSubgraph } from './kit/subgraph.ts';

/** As the specification's examples have it (https://ibm.github.io/graphql-specs/cost-spec.html), linked as a supergraph is. */
const sdl = `
  type Query {
    users(max: Int): [User] @listSize(slicingArguments: ["max"])
    user: User
    topProducts(filter: Filter @cost(weight: 15)): [String] @cost(weight: 5) @listSize(assumedSize: 10)
    popular(approx: Boolean @cost(weight: -3)): User @cost(weight: 2)
    films(first: Int, last: Int): Films @listSize(slicingArguments: ["first", "last"], sizedFields: ["edges"])
    paged(page: Page, last: Int): [User] @listSize(slicingArguments: ["page.first", "last"], requireOneSlicingArgument: false, assumedSize: 7)
    usual(first: Int = 4): [User] @listSize(slicingArguments: ["first"])
    anyone: Named
    things: [Thing] @listSize(assumedSize: 3)
    kinds: [Kind] @listSize(assumedSize: 4)
    search(filters: [Filter!]): User
    unsaid: [User]
  }
  input Page { first: Int }
  input Filter { approx: Boolean @cost(weight: -12)  exact: Boolean @cost(weight: 6)  and: [Filter!]  or: Filter }
  type User implements Named { name: String  age: Int @cost(weight: 2)  kind: Kind  heavy: Report }
  type Report implements Named @cost(weight: 9) { name: String @cost(weight: 4) }
  type Films { edges: [Edge]  others: [Edge]  total: Int }
  type Edge { node: User }
  interface Named { name: String }
  union Thing = User | Report
  enum Kind @cost(weight: 3) { A B }
`;
const schema =
  buildSchema(`directive @cost(weight: Int!) on ARGUMENT_DEFINITION | ENUM | FIELD_DEFINITION | INPUT_FIELD_DEFINITION | OBJECT | SCALAR
  directive @listSize(assumedSize: Int, slicingArguments: [String!], sizedFields: [String!], requireOneSlicingArgument: Boolean = true) on FIELD_DEFINITION
  ${sdl}`);
const link =
  'schema @link(url: "https://specs.apollo.dev/cost/v0.1", import: ["@cost", "@listSize"]) { query: Query }';
rememberCosts(schema, parse(`${link}\n${sdl}`));

function estimated(query: string, variables: Record<string, unknown> = {}): number {
  const document = parse(query);
  return measureOperation({ schema, document, operation: getOperationAST(document)!, variables }).cost;
}

const actual = createActualCost();
function actualOf(query: string, data: unknown, variables: Record<string, unknown> = {}): number {
  const document = parse(query);
  return actual({ schema, document, operation: getOperationAST(document)!, variables, data });
}

describe('the estimate of a cost', () => {
  test.each([
    [
      'a list has as many elements as its slicing argument says, each with its fields',
      '{ users(max: 5) { age } }',
      15,
    ],
    ['fewer than none are none', '{ users(max: -5) { age } }', 0],
    ['a field costs what it says, once', '{ topProducts }', 5],
    ['an argument adds to it, an input field to that', '{ topProducts(filter: { approx: true }) }', 8],
    ['or takes from it, but never beyond nothing', '{ popular(approx: true) { name } }', 1],
    ['an argument that is not given costs nothing', '{ popular { name } }', 3],
    ['nor does one that is null', '{ topProducts(filter: null) }', 5],
    [
      'the size is that of the fields beneath that are named',
      '{ films(first: 2) { edges { node { name } } total } }',
      5,
    ],
    ['and of no others', '{ films(first: 2) { others { node { name } } } }', 21],
    ['a slicing argument may be within an input object', '{ paged(page: { first: 2 }) { name } }', 3],
    ['of several, the largest counts', '{ paged(page: { first: 2 }, last: 9) { name } }', 10],
    ['where none is given, what is assumed', '{ paged { name } }', 7],
    ["an argument's default is as good as given", '{ usual { name } }', 4],
    ['what is not said counts as ten', '{ unsaid { name } }', 10],
    ['a type costs what it says', '{ user { heavy { name } } }', 14],
    [
      'an interface costs as much as the dearest of its types, and so do its fields',
      '{ anyone { name } }',
      13,
    ],
    ['so does a union', '{ things { ... on User { name } } }', 27],
    ['an enum may cost, each of a list', '{ kinds user { kind } }', 16],
    [
      'an input object costs one, wherever it is',
      '{ search(filters: [{ exact: true }, { and: [{ exact: true }], or: {} }]) { name } }',
      17,
    ],
    [
      'a fragment is measured for each size',
      '{ a: films(first: 2) { ...F } b: films(first: 9) { ...F } } fragment F on Films { edges { node { name } } }',
      24,
    ],
  ])('%s', (_name, query, cost) => {
    expect(estimated(query)).toBe(cost);
  });

  test('variables count as what they are', () => {
    const query =
      'query($max: Int, $filters: [Filter!]) { users(max: $max) { age } search(filters: $filters) { name } }';
    expect(estimated(query, { max: 3, filters: [{ exact: true }, {}] })).toBe(9 + 1 + 8);
    expect(estimated(query, { max: 3 })).toBe(10);
  });

  test('a variable that is deep is measured, too', () => {
    let filter = {};
    for (let level = 0; level < 50_000; level += 1) filter = { or: filter };
    expect(estimated('query($f: [Filter!]) { search(filters: $f) { name } }', { f: [filter] })).toBe(50_002);
  });

  test.each([
    ['none', '{ users { age } }'],
    ['two', '{ films(first: 1, last: 1) { total } }'],
    ['one that is null', '{ users(max: null) { age } }'],
    ['a variable without a value', 'query($max: Int) { users(max: $max) { age } }'],
  ])('where one slicing argument is required, %s is refused', (_name, query) => {
    expect(() => estimated(query)).toThrow(/^Query\.\w+ needs exactly one of /);
  });

  test('a weight that is no number is a fault of the supergraph', () => {
    const faulty = parse(`${link} type Query { a: Int @cost(weight: "much") }`);
    expect(() => {
      rememberCosts(schema, faulty);
    }).toThrow('The weight of @cost on Query.a must be a number.');
  });
});

describe('the cost of an answer', () => {
  const users = '{ users(max: 5) { age friend: name } }';
  test.each<[string, string, unknown, number]>([
    ['what is there counts', users, { users: [{ age: 1 }, { age: 2 }, { age: 3 }] }, 9],
    ['what is null does not, but it was asked for', users, { users: [null, { age: null }] }, 3],
    ['nothing costs nothing', users, null, 0],
    [
      'a field costs once, with its arguments',
      '{ topProducts(filter: {}) }',
      { topProducts: ['a', 'b'] },
      20,
    ],
    [
      'types and enums as they say',
      '{ user { heavy { name } kind } }',
      { user: { heavy: { name: 'r' }, kind: 'A' } },
      17,
    ],
    ['fragments are followed', '{ user { ...F } } fragment F on User { n: age }', { user: { n: 1 } }, 3],
    [
      'introspection is not counted',
      '{ __schema { queryType { name } } }',
      { __schema: { queryType: { name: 'Query' } } },
      0,
    ],
  ])('%s', (_name, query, data, cost) => {
    expect(actualOf(query, data)).toBe(cost);
  });
});

describe('over a graph that says its costs', () => {
  let shelf: TestSubgraph;
  let gateway: TestGateway;

  beforeAll(async () => {
    shelf = await startSubgraph({
      name: 'shelf',
      imports: ['@cost', '@listSize'],
      sdl: `
        type Query {
          books(first: Int): [Book!]! @listSize(slicingArguments: ["first"])
          scan(what: What): [Book!]! @cost(weight: 1500) @listSize(assumedSize: 1)
        }
        type Subscription { read: [Book!]! @listSize(assumedSize: 3000) }
        input What { text: String }
        type Book { title: String  digest: String @cost(weight: 10) }
      `,
      resolvers: {
        Query: { books: () => [{ title: 'A', digest: 'a' }], scan: () => [] },
        Subscription: { read: { subscribe: () => neverEnding() } },
      },
    });
    gateway = await startGateway([shelf]);
  });

  beforeEach(() => {
    shelf.received.length = 0;
  });

  afterAll(async () => {
    await gateway.stop();
    await shelf.stop();
  });

  const ask = async (query: string, extensions: object = { cost: true }) => {
    const response = await fetch(gateway.url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query, extensions }),
    });
    return (await response.json()) as { data?: unknown; extensions?: unknown; errors?: unknown };
  };

  test('whoever asks is told the estimate, what it came to, and the limit', async () => {
    const { data, extensions } = await ask('{ books(first: 5) { title digest } }');
    expect(data).toEqual({ books: [{ title: 'A', digest: 'a' }] });
    expect(extensions).toEqual({ cost: { estimated: 55, actual: 11, limit: 2_000 } });
    expect((await ask('{ books(first: 5) { title } }', {})).extensions).toBeUndefined();
  });

  test('over a socket, too', async () => {
    const raw = await initialised(gateway.url);
    const payload = { query: '{ books(first: 2) { title } }', extensions: { cost: true } };
    raw.send({ id: '1', type: 'subscribe', payload });
    expect((await raw.message('next')).payload).toMatchObject({
      extensions: { cost: { estimated: 2, actual: 1, limit: 2_000 } },
    });
    raw.socket.close();
  });

  test.each([
    ['a list that is asked for is too long', '{ books(first: 200) { digest } }', 'OPERATION_TOO_COSTLY'],
    ['a field costs too much', '{ a: scan { title } b: scan { title } }', 'OPERATION_TOO_COSTLY'],
    ['no size is said', '{ books { title } }', 'LIST_SIZE_REQUIRED'],
  ])('what costs too much is refused, and no subgraph hears of it: %s', async (_name, query, code) => {
    const { status, errors } = await gateway.query(query);
    expect(status).toBe(400);
    expect(errors).toMatchObject([{ extensions: { code } }]);
    expect(shelf.received).toEqual([]);
  });

  test('so is a subscription', async () => {
    const raw = await initialised(gateway.url);
    raw.send({ id: '1', type: 'subscribe', payload: { query: 'subscription { read { title } }' } });
    expect((await raw.message('error')).payload).toMatchObject([
      { extensions: { code: 'OPERATION_TOO_COSTLY', cost: 3_000 } },
    ]);
    raw.socket.close();
  });

  test('metrics have the costs by operation', async () => {
    const own = await startGateway([shelf]);
    await own.query('query Shelf { books(first: 5) { title digest } }');
    await own.query('query Shelf { books(first: 3) { title } }');
    await own.query('{ books(first: 3) { title } }');
    // Of large answers one in sixteen is counted, for all of them.
    const titles = Array.from({ length: 600 }, (_, index) => `t${index}: title`).join(' ');
    for (let time = 0; time < 2; time += 1)
      await own.query(`query Large { books(first: 2) { digest ${titles} } }`);
    for (let name = 0; name < 205; name += 1) await own.query(`query N${name} { books(first: 1) { title } }`);
    const text = await (await fetch(`${own.origin}/metrics`)).text();
    const value = (metric: string, ...labels: string[]) =>
      text
        .split('\n')
        .find((line) => line.startsWith(`${metric}{`) && labels.every((label) => line.includes(label)))
        ?.split(' ')[1];
    expect(value('lyceum_gateway_operations_total', 'operation="Shelf"')).toBe('2');
    const total = 'lyceum_gateway_operation_cost_total';
    expect(value(total, 'operation="Shelf"', 'measure="estimated"')).toBe('58');
    expect(value(total, 'operation="Shelf"', 'measure="actual"')).toBe('12');
    expect(value(total, 'operation="Large"', 'measure="estimated"')).toBe('44');
    expect(value(total, 'operation="Large"', 'measure="actual"')).toBe('176');
    expect(value('lyceum_gateway_operations_total', 'operation="anonymous"')).toBe('1');
    expect(value('lyceum_gateway_operations_total', 'operation="other"')).toBe('7');
    await own.stop();
  });
});

function neverEnding(): AsyncIterableIterator<never> {
  return {
    next: () => new Promise<never>(() => undefined),
    return: async () => ({ done: true as const, value: undefined }),
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}
