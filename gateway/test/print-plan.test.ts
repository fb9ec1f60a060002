import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { printPlan } from '../src/plans/print-plan.ts';
import { composed } from './kit/gateway.ts';

const link = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@external", "@requires"])`;

const url = 'http://127.0.0.1:1/graphql';

const supergraph = composed([
  {
    name: 'books',
    url,
    sdl: `${link}
      type Query { books(first: Int = 5): [Book!] author(id: ID!): Author }
      type Mutation { lend(id: ID!): Book }
      type Subscription { lent: Book }
      type Book @key(fields: "id") { id: ID! title: String author: Author }
      type Author @key(fields: "id") { id: ID! }`,
  },
  {
    name: 'people',
    url,
    sdl: `${link}
      type Query { readers: Int }
      type Author @key(fields: "id") { id: ID! name: String }`,
  },
  {
    name: 'ratings',
    url,
    sdl: `${link}
      type Query { best: Int }
      type Book @key(fields: "id") { id: ID! title: String @external stars: Int @requires(fields: "title") }`,
  },
]);

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lyceum-plan-'));
  await writeFile(join(folder, 'supergraph.graphql'), supergraph);
});

afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

/** What is printed of a file with this text, and the code with which it ends. */
async function printed(text: string, ...more: string[]): Promise<{ code: number; said: string }> {
  await writeFile(join(folder, 'operations.graphql'), text);
  const said: string[] = [];
  const given = ['operations.graphql', '--supergraph', 'supergraph.graphql', ...more];
  const code = await printPlan(given, { from: folder, say: (each) => said.push(each) });
  return { code, said: said.join('\n') };
}

test('which subgraphs are asked for what, side by side and one after another, and what it costs', async () => {
  const { code, said } = await printed('query Shelf { books { title stars author { name } } best }');
  expect(said).toBe(`query Shelf
cost 10, depth 3, selections 6, fetches 4, rounds 2

side by side
├─ one after another
│  ├─ books: query
│  │      books {
│  │        __typename
│  │        id
│  │        title
│  │        author {
│  │          __typename
│  │          id
│  │        }
│  │      }
│  └─ side by side
│     ├─ ratings: entities at books[], by Book { id title }
│     │      ... on Book {
│     │        stars
│     │      }
│     └─ people: entities at books[].author, by Author { id }
│            ... on Author {
│              name
│            }
└─ ratings: query
       best`);
  expect(code).toBe(0);
});

test('of a file all operations, or the one that is named', async () => {
  const file = 'query A { best } mutation B { lend(id: 1) { title } } subscription C { lent { stars } }';
  const all = (await printed(file)).said;
  for (const title of ['query A', 'mutation B', 'subscription C', 'for each event'])
    expect(all).toContain(title);
  const { said } = await printed(file, '--operation', 'B');
  expect(said).toContain('books: mutation');
  expect(said).not.toContain('query A');
});

test('variables say how long lists are', async () => {
  const file = 'query A($n: Int) { books(first: $n) { title } }';
  expect((await printed(file, '--variables', '{"n": 70}')).said).toContain('cost 70,');
  expect((await printed(file)).said).not.toContain('cost 70,');
});

test('what includes or leaves out decides which fetches are made', async () => {
  const { said } = await printed('query A($s: Boolean!) { books { id ... @include(if: $s) { stars } } }');
  expect(said).toContain('by $s');
});

test.each([
  ['no file', ['nowhere.graphql'], 'nowhere.graphql cannot be read'],
  ['no name of a file', [], 'Usage: npm run plan'],
  [
    'variables that are no object',
    ['operations.graphql', '--variables', '[1]'],
    '--variables must be a JSON object',
  ],
  ['an operation that is not there', ['operations.graphql', '--operation', 'B'], 'it has A'],
  [
    'a supergraph that is none',
    ['operations.graphql', '--supergraph', 'operations.graphql'],
    'is no supergraph',
  ],
  ['an option that is not there', ['operations.graphql', '--what'], "Unknown option '--what'"],
])('of %s it says what is wrong', async (_name, given, expected) => {
  await writeFile(join(folder, 'operations.graphql'), 'query A { best }');
  const said: string[] = [];
  const withGraph = given.includes('--supergraph') ? given : [...given, '--supergraph', 'supergraph.graphql'];
  expect(await printPlan(withGraph, { from: folder, say: (each) => said.push(each) })).toBe(1);
  expect(said.join('\n')).toContain(expected);
});

test.each([
  ['is no GraphQL', 'query A {', 'operations.graphql:1:'],
  ['the graph does not answer', 'query A { worst }', 'Cannot query field "worst"'],
])('of what %s it says where', async (_name, text, expected) => {
  const { code, said } = await printed(text);
  expect(said).toContain(expected);
  expect(said).toContain('operations.graphql:1:');
  expect(code).toBe(1);
});
