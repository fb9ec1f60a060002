import { afterAll, beforeAll, expect, test } from '@jest/globals';
import {
  createOperationDescriptor,
  Environment,
  fetchQuery,
  Network,
  RecordSource,
  Store,
  type ConcreteRequest,
  type GraphQLResponse,
} from 'relay-runtime';
import { startGateway, type TestGateway } from './kit/gateway.ts';
import { startSubgraph, type TestSubgraph } from './kit/subgraph.ts';

/**
 * Relay's runtime reads a connection page by page through the gateway, and its store puts the pages together. What its
 * compiler would write stands at the end of this file.
 */
let subgraphs: TestSubgraph[];
let gateway: TestGateway;
const ids = ['a', 'b', 'c', 'd', 'e'];

beforeAll(async () => {
  subgraphs = await Promise.all([startShelf(), startTitles()]);
  gateway = await startGateway(subgraphs);
});

afterAll(async () => {
  await gateway.stop();
  await Promise.all(subgraphs.map((subgraph) => subgraph.stop()));
});

test('Relay reads a page of a connection and the next, with fields of another subgraph, into one list', async () => {
  const environment = new Environment({
    store: new Store(new RecordSource()),
    network: Network.create(async ({ text }, variables) => {
      const { status: _status, ...answer } = await gateway.query(text ?? '', { variables });
      return answer as GraphQLResponse;
    }),
  });
  const page = (variables: object) => fetchQuery(environment, books, variables).toPromise();
  const operation = createOperationDescriptor(books, { first: 2 });
  environment.retain(operation);
  const read = () => environment.lookup(operation.fragment).data as unknown as Page;

  await page({ first: 2 });
  expect(titlesOf(read())).toEqual(['Title of a', 'Title of b']);
  expect(read().books.pageInfo).toEqual({ endCursor: 'cursor-b', hasNextPage: true });

  await page({ first: 2, after: read().books.pageInfo.endCursor });
  expect(titlesOf(read())).toEqual(['Title of a', 'Title of b', 'Title of c', 'Title of d']);

  await page({ first: 2, after: read().books.pageInfo.endCursor });
  expect(titlesOf(read())).toEqual(ids.map((id) => `Title of ${id}`));
  expect(read().books.pageInfo).toEqual({ endCursor: 'cursor-e', hasNextPage: false });
});

interface Page {
  readonly books: {
    readonly edges: readonly { readonly node: { readonly id: string; readonly title: string } }[];
    readonly pageInfo: { readonly endCursor: string; readonly hasNextPage: boolean };
  };
}

const titlesOf = ({ books }: Page) => books.edges.map(({ node }) => node.title);

function startShelf() {
  return startSubgraph({
    name: 'shelf',
    sdl: `
      type Query { books(first: Int!, after: String): BookConnection! }
      type BookConnection { edges: [BookEdge!]!  pageInfo: PageInfo! }
      type BookEdge { cursor: String!  node: Book! }
      type PageInfo { endCursor: String  hasNextPage: Boolean! }
      type Book @key(fields: "id") { id: ID! }
    `,
    resolvers: {
      Query: {
        books: (_: unknown, { first, after }: { first: number; after?: string | null }) => {
          const from = after ? ids.indexOf(after.replace('cursor-', '')) + 1 : 0;
          const edges = ids.slice(from, from + first).map((id) => ({ cursor: `cursor-${id}`, node: { id } }));
          const pageInfo = { endCursor: edges.at(-1)?.cursor, hasNextPage: from + first < ids.length };
          return { edges, pageInfo };
        },
      },
      Book: { __resolveReference: (book: object) => book },
    },
  });
}

function startTitles() {
  return startSubgraph({
    name: 'titles',
    sdl: 'type Query { titles: Int }  type Book @key(fields: "id") { id: ID!  title: String! }',
    resolvers: {
      Book: {
        __resolveReference: (book: object) => book,
        title: ({ id }: { id: string }) => `Title of ${id}`,
      },
    },
  });
}

const scalar = (name: string) => ({ alias: null, args: null, kind: 'ScalarField', name, storageKey: null });
const linked = (name: string, concreteType: string, plural: boolean, selections: readonly object[]) => ({
  alias: null,
  args: null,
  concreteType,
  kind: 'LinkedField',
  name,
  plural,
  selections,
  storageKey: null,
});
const argumentDefinitions = ['after', 'first'].map((name) => ({
  defaultValue: null,
  kind: 'LocalArgument',
  name,
}));
const args = ['after', 'first'].map((name) => ({ kind: 'Variable', name, variableName: name }));
const selections = [
  linked('edges', 'BookEdge', true, [
    linked('node', 'Book', false, [scalar('id'), scalar('title'), scalar('__typename')]),
    scalar('cursor'),
  ]),
  linked('pageInfo', 'PageInfo', false, [scalar('endCursor'), scalar('hasNextPage')]),
];
const connection = linked('books', 'BookConnection', false, selections);

/** Of `query Books($first: Int!, $after: String) { books(first: $first, after: $after) @connection(key: "Books_books") { … } }`. */
const books = {
  kind: 'Request',
  fragment: {
    argumentDefinitions,
    kind: 'Fragment',
    metadata: null,
    name: 'Books',
    type: 'Query',
    abstractKey: null,
    selections: [{ ...connection, alias: 'books', name: '__Books_books_connection' }],
  },
  operation: {
    argumentDefinitions,
    kind: 'Operation',
    name: 'Books',
    selections: [
      { ...connection, args },
      {
        alias: null,
        args,
        filters: null,
        handle: 'connection',
        key: 'Books_books',
        kind: 'LinkedHandle',
        name: 'books',
      },
    ],
  },
  params: {
    cacheID: 'books',
    id: null,
    metadata: {},
    name: 'Books',
    operationKind: 'query',
    text: `query Books($first: Int!, $after: String) {
      books(first: $first, after: $after) {
        edges { node { id title __typename } cursor }
        pageInfo { endCursor hasNextPage }
      }
    }`,
  },
} as unknown as ConcreteRequest;
