import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { startGateway, watch, type TestGateway } from './kit/gateway.ts';
import { startSubgraph, type TestSubgraph } from './kit/subgraph.ts';

let subgraphs: TestSubgraph[];
let gateway: TestGateway;

/** An interface that nothing implements: one subgraph knows it as an object, but resolves it by no key. */
beforeAll(async () => {
  subgraphs = await Promise.all([
    startSubgraph({
      name: 'shelf',
      sdl: `
        type Query { found: Thing  plain: String }
        type Mutation { find: Thing }
        type Subscription { finds: Thing }
        interface Thing @key(fields: "id") { id: ID! }
      `,
      resolvers: {
        Query: { found: () => ({ __typename: 'Thing', id: 't1' }), plain: () => 'plain' },
        Thing: { __resolveReference: () => null, __resolveType: () => null },
      },
    }),
    startSubgraph({
      name: 'labels',
      sdl: `
        type Query { labelled: Thing }
        type Thing @key(fields: "id", resolvable: false) @interfaceObject { id: ID!  label: String }
      `,
      resolvers: { Query: { labelled: () => ({ id: 't1', label: 'A thing' }) } },
    }),
  ]);
  gateway = await startGateway(subgraphs);
});

beforeEach(() => {
  for (const subgraph of subgraphs) subgraph.received.length = 0;
});

afterAll(async () => {
  await gateway.stop();
  await Promise.all(subgraphs.map((subgraph) => subgraph.stop()));
});

describe('a field that no subgraph can be asked for', () => {
  test.each([
    ['alone', '{ found { label } }', 'found.label'],
    ['beside one that can be', '{ plain found { id label } }', 'found.label'],
    [
      'in a fragment, by another name',
      '{ found { ...F } } fragment F on Thing { name: label }',
      'found.name',
    ],
    [
      'under a condition that may be met',
      'query($v: Boolean = false) { found { label @include(if: $v) } }',
      'found.label',
    ],
  ])('is an error, and never null: %s', async (_name, query, path) => {
    const { data, errors } = await gateway.query(query);
    expect(data).toBeUndefined();
    expect(errors).toEqual([
      {
        message: `No subgraph can be asked for "${path}".`,
        path: path.split('.'),
        extensions: { code: 'FIELD_UNFETCHABLE' },
      },
    ]);
    expect(subgraphs.flatMap(({ received }) => received)).toEqual([]);
  });

  test.each(['mutation { find { label } }', 'subscription { finds { label } }'])(
    'is an error before anything is asked, where the planner finds no way to begin: %s',
    async (query) => {
      const client = gateway.connect();
      const watched = watch(client, query);
      await watched.end;
      expect(watched.results.map(({ data }) => data)).toEqual(query.startsWith('m') ? [undefined] : []);
      expect(subgraphs.flatMap(({ received }) => received)).toEqual([]);
      await client.dispose();
    },
  );

  test('is none where it is never asked for', async () => {
    const { data, errors } = await gateway.query('{ plain found @skip(if: true) { label } }');
    expect({ data, errors }).toEqual({ data: { plain: 'plain' }, errors: undefined });
  });

  test('is none where its object comes from the subgraph that has it', async () => {
    const { data } = await gateway.query('{ labelled { id label } }');
    expect(data).toEqual({ labelled: { id: 't1', label: 'A thing' } });
  });
});
