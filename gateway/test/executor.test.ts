import { ApolloGateway } from '@apollo/gateway';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { createLogger } from '@lyceum/service';
import fc from 'fast-check';
import { type GraphQLError, parse, validate, type ExecutionResult } from 'graphql';
import { resultText } from '../src/execution/result-text.ts';
import { loadGeneration, type ExecutionContext, type Generation } from '../src/federation/generation.ts';
import { createFlights } from '../src/subgraphs/flights.ts';
import { executionContext } from '../src/subscriptions/execution-context.ts';
import { parseOperation } from '../src/subscriptions/operation.ts';
import { createLibrary } from './kit/library.ts';
import { operationsOf } from './kit/operations.ts';

const library = createLibrary();
/** Which values are spoilt now. */
let seed = 0;
let ours: Generation;
let stock: ApolloGateway;
let executeStock: (context: ExecutionContext) => Promise<ExecutionResult>;
let asked: string[] = [];
/** What is done to the answers of subgraphs besides. */
let spoiling: (answer: ExecutionResult) => ExecutionResult = (answer) => answer;

beforeAll(async () => {
  process.env['APOLLO_TELEMETRY_DISABLED'] = '1';
  const quiet = { debug: ignore, info: ignore, warn: ignore, error: ignore };
  ours = await loadGeneration({
    supergraphSdl: library.supergraphSdl,
    policies: undefined,
    logger: createLogger({ service: 'gateway', level: 'silent' }),
    subgraphs: {
      flights: createFlights(),
      subgraph: ({ name }) => ({
        fetch: ({ body }) => {
          asked.push(name);
          return library.answer(name, JSON.parse(body) as object, seed).then(spoiling) as never;
        },
        answerOfEvent: ({ event }) => event ?? { data: null },
      }),
      url: () => '',
      circuits: () => ({}),
      untilAllAnswered: async () => undefined,
      close: async () => undefined,
    },
  });
  stock = new ApolloGateway({
    supergraphSdl: library.supergraphSdl,
    logger: quiet,
    buildService: ({ name }) => ({
      process: ({ request: { query, variables } }) =>
        library.answer(name, { query, variables }, seed) as never,
    }),
  });
  const { executor } = await stock.load();
  executeStock = executor as never;
}, 60_000);

afterAll(() => stock.stop());

function ignore(): void {
  // What the stock gateway says while it loads.
}

function contextOf(query: string, variables: Record<string, unknown> = {}): ExecutionContext {
  const operation = parseOperation({ query, variables }, { depth: 99, cost: Infinity, tokens: 9_999 });
  const context = {
    requestId: '',
    client: { address: '', userAgent: undefined } as never,
    viewer: undefined,
    authorization: undefined,
  };
  return executionContext(operation, ours, context);
}

/** As it would be sent, errors in an order of their own. */
function shown({ data, errors = [], extensions }: ExecutionResult) {
  const told = JSON.parse(JSON.stringify(errors)) as GraphQLError[];
  const completion = extensions?.['valueCompletion'] as GraphQLError[] | undefined;
  return {
    // The stock executor answers fields of fragments last; ours has the order of the specification.
    data: JSON.parse(JSON.stringify(data ?? null)) as unknown,
    errors: told
      .map(({ message, path, extensions: more }) => JSON.stringify({ message, path, ...more }))
      .sort(),
    completion: (completion ?? []).map(({ message, path }) => JSON.stringify({ message, path })).sort(),
  };
}

async function compare(query: string, variables: Record<string, unknown>): Promise<void> {
  const mine = shown(await ours.execute(contextOf(query, variables)));
  const theirs = shown(await executeStock(contextOf(query, variables)));
  expect(mine).toEqual(theirs);
}

describe('the executor, beside the one of @apollo/gateway', () => {
  const variables = { yes: true, id: 'Book_2', most: 2 };

  test('answers operations of all kinds alike, of subgraphs that are well, and of such that send nulls, wrong values and errors', async () => {
    seed = 0;
    const operations = operationsOf(ours.schema).filter((source) =>
      validate(ours.schema, parse(source)).every(({ message }) => message.includes('is never used')),
    );
    const runs = Number(process.env['EXECUTOR_RUNS'] ?? 60);
    await fc.assert(
      fc.asyncProperty(
        operations,
        fc.integer({ min: 0, max: 200 }),
        fc.boolean(),
        async (query, spoiling, yes) => {
          seed = spoiling % 3 === 0 ? 0 : spoiling;
          await compare(query, { ...variables, yes });
        },
      ),
      { numRuns: runs, seed: Number(process.env['EXECUTOR_SEED'] ?? 1), endOnFailure: false },
    );
  }, 300_000);
});

describe('an answer', () => {
  const variables = { yes: true, id: 'Book_2', most: 2 };
  const answered = (query: string, given: Record<string, unknown> = {}) =>
    ours.execute(contextOf(query, given));

  beforeEach(() => {
    seed = 0;
    asked = [];
    spoiling = (answer) => answer;
  });

  test('has its fields in the order in which they are selected, fragments where they stand', async () => {
    const result = await answered('{ hall { ...H rooms code } } fragment H on Hall { keeper { id } code }');
    expect(resultText(result as never)).toBe(
      '{"data":{"hall":{"keeper":{"id":"Author_2"},"code":"H","rooms":5}}}',
    );
  });

  test('may have names that every object of JavaScript has', async () => {
    const { data } = await answered(
      '{ __proto__: books { constructor: title toString: author { __proto__: name hasOwnProperty: id } } }',
    );
    const text = JSON.stringify(data);
    expect(text).toContain('{"__proto__":[{"constructor":"Title of Book_0"');
    expect(text).toContain('"toString":{"__proto__":"Name of Author_0","hasOwnProperty":"Author_0"}');
  });

  test('says what the schema says of itself, with the fragments of the document', async () => {
    const { data } = await answered(
      'query($name: String!) { __schema { queryType { ...T } } type: __type(name: $name) { ...T } } fragment T on __Type { name }',
      { name: 'Hall' },
    );
    expect(data).toEqual({ __schema: { queryType: { name: 'Query' } }, type: { name: 'Hall' } });
  });

  test('can be changed by a plugin, and what is sent is what it made of it', async () => {
    const { data } = await answered('{ hall { code } }');
    const hall = (data as Record<string, Record<string, unknown>>)['hall'] ?? {};
    hall['code'] = 'changed';
    expect(resultText({ data: data ?? null })).toBe('{"data":{"hall":{"code":"changed"}}}');
  });

  test('can be read, copied and extended as any object', async () => {
    const { data } = await answered('{ hall { code } }');
    expect('hall' in (data ?? {})).toBe(true);
    expect(Object.keys((await answered('{ hall { code } }')).data ?? {})).toEqual(['hall']);
    expect({ ...(await answered('{ hall { code } }')).data }).toEqual({ hall: { code: 'H' } });
    const extended = (await answered('{ hall { code } }')).data as Record<string, unknown>;
    extended['more'] = 1;
    expect(resultText({ data: extended })).toBe('{"data":{"hall":{"code":"H"},"more":1}}');
  });

  test('without a value that decides what is included is refused', async () => {
    const { data, errors } = await answered(
      'query($no: Boolean = true) { hall { code @include(if: $no) } }',
      { no: null },
    );
    expect(data).toBeUndefined();
    expect(errors?.[0]?.extensions['code']).toBe('BAD_USER_INPUT');
  });

  test('asks for an entity once, also where two fetches of the plan ask the same of it', async () => {
    const { data } = await answered(
      'query($id: ID!) { books { rating } book(id: $id) { rating } }',
      variables,
    );
    expect(data).toMatchObject({ books: [{ rating: 0.5 }, {}, {}, {}, {}], book: { rating: 2.5 } });
    expect(asked).toEqual(['books', 'people']);
  });

  test('has in each place what was fetched for that place, also where two asked for the same objects', async () => {
    const { data } = await answered(
      `query($id: ID!) {
        books { readers { wrote { x: title } } }
        book(id: $id) { readers { wrote { x: pages } } }
      }`,
      variables,
    );
    const wrote = (x: unknown) => [
      { wrote: [{ x }, { x }] },
      { wrote: [{ x }, { x }] },
      { wrote: [{ x }, { x }] },
    ];
    const text = expect.any(String);
    expect(data).toEqual({
      books: [1, 2, 3, 4, 5].map(() => ({ readers: wrote(text) })),
      book: { readers: wrote(expect.any(Number)) },
    });
  });

  test('of many shapes is right for each of them', async () => {
    const names = Array.from({ length: 7 }, (_, index) => `v${index}`);
    const query = `query(${names.map((name) => `$${name}: Boolean!`).join(' ')}) { hall { code ${names
      .map((name) => `${name}: rooms @include(if: $${name})`)
      .join(' ')} } }`;
    for (let bits = 0; bits < 128; bits += 1) {
      const given = Object.fromEntries(names.map((name, index) => [name, ((bits >> index) & 1) === 1]));
      const { data } = await answered(query, given);
      const expected = { code: 'H', ...Object.fromEntries(names.filter((n) => given[n]).map((n) => [n, 5])) };
      expect(data).toEqual({ hall: expected });
    }
  });

  test('to a mutation is of each field in turn', async () => {
    const { data } = await answered(
      'mutation { rename(title: "x") { rating } again: rename(title: "y") { rating } }',
    );
    expect(data).toEqual({ rename: { rating: 1.5 }, again: { rating: 1.5 } });
    // The second write may have changed what the first one answered with: that is asked for again.
    expect(asked).toEqual(['books', 'people', 'people']);
  });

  test('to what is no list where there must be one is null there, and the rest arrives', async () => {
    spoiling = (answer) => ({ ...answer, data: { ...answer.data, books: 'none', hall: 'H' } });
    const { data, extensions } = await answered(
      'query($yes: Boolean!) { books { id } works { id } hall @include(if: $yes) { code } }',
      variables,
    );
    expect(data).toMatchObject({ books: null, hall: null, works: [{ id: 'Book_1' }, {}, null, {}, {}] });
    expect(extensions?.['valueCompletion']).toHaveLength(2);
  });
});
