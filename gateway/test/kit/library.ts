import { buildSubgraphSchema } from '@apollo/subgraph';
import { graphql, parse, type ExecutionResult } from 'graphql';
import { composed } from './gateway.ts';

/**
 * A graph with all that an executor has to know: interfaces, unions, lists of lists, an interface that one subgraph knows as
 * an object, a root field and an object of which two subgraphs have parts, @requires, nulls and errors. Nothing goes over
 * a network. What subgraphs answer is spoilt by what it is, so that it is spoilt alike however it was asked for.
 */
export interface Library {
  readonly supergraphSdl: string;
  /** @param seed which values are null, of a wrong type, or errors */
  answer(subgraph: string, request: Request, seed: number): Promise<ExecutionResult>;
}

interface Request {
  readonly query?: string | undefined;
  readonly variables?: Record<string, unknown> | undefined;
}

const link = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.9",
  import: ["@key", "@external", "@requires", "@shareable", "@interfaceObject", "@provides", "@inaccessible"])`;

const sdl: Readonly<Record<string, string>> = {
  books: `${link}
    type Query {
      books: [Book!]
      book(id: ID!): Book
      works: [Work]
      found(most: Int = 3): [Found]!
      hall: Hall @shareable
      items: [Item!]
    }
    type Mutation { rename(title: String!): Book! lend: Book }
    interface Work { id: ID! title: String }
    type Book implements Work @key(fields: "id") {
      id: ID! title: String pages: Int! author: Author kin: [[Book]] grid: [[Int!]!] label: Label
      size: Size @shareable
    }
    type Film implements Work @key(fields: "id") { id: ID! title: String minutes: Int lead: Author! }
    type Author @key(fields: "id", resolvable: false) { id: ID! }
    type Size @shareable { height: Int! width(unit: String = "cm"): Int }
    type Hall @shareable { code: String! best: Book facts: Json }
    type Shelf { code: String! books: [Book!]! }
    union Found = Book | Film | Shelf
    enum Label { OLD NEW }
    scalar Json
    interface Item @key(fields: "id") { id: ID! tag: String }
    type Toy implements Item @key(fields: "id") { id: ID! tag: String noise: Boolean }
    type Game implements Item @key(fields: "id") { id: ID! tag: String players: Int! }`,
  people: `${link}
    type Query { authors: [Author!]! hall: Hall @shareable stocked: [Item!] }
    type Author @key(fields: "id") { id: ID! name: String! born: Int friends: [Author!] wrote: [Book!]! }
    type Book @key(fields: "id") {
      id: ID! title: String @external pages: Int! @external
      rating: Float! readers: [Author!]! blurb: String @requires(fields: "title pages")
      size: Size @shareable
    }
    type Film @key(fields: "id") { id: ID! awards: [String] }
    type Size @shareable { depth: Int }
    type Hall @shareable { code: String! rooms: Int! keeper: Author }
    type Item @key(fields: "id") @interfaceObject { id: ID! stock: Int! holder: Author }`,
};

export function createLibrary(): Library {
  const subgraphs = Object.entries(sdl).map(([name, own]) => ({ name, sdl: own, url: `http://${name}` }));
  const schemas = new Map(
    subgraphs.map(({ name, sdl: own }) => [
      name,
      buildSubgraphSchema({ typeDefs: parse(own), resolvers: resolvers[name] as never }),
    ]),
  );
  return {
    supergraphSdl: composed(subgraphs),
    async answer(subgraph, { query = '', variables }, seed) {
      const schema = schemas.get(subgraph);
      if (!schema) throw new Error(`There is no ${subgraph}`);
      const variableValues = variables ?? {};
      const result = await graphql({ schema, source: query, variableValues, contextValue: { seed } });
      return spoilt(JSON.parse(JSON.stringify(result)) as ExecutionResult, seed);
    },
  };
}

interface Thing {
  readonly id: string;
  readonly __typename: string;
}
const thing = (__typename: string, id: number): Thing => ({ __typename, id: `${__typename}_${id}` });
const numberOf = ({ id }: { id: string }) => Number(id.split('_').at(-1) ?? 0);
const some = (typename: string, from: number, count: number) =>
  Array.from({ length: count }, (_, index) => thing(typename, (from + index) % 5));

const book = {
  title: (own: Thing) => (numberOf(own) === 4 ? '"quoted" \u2028 \\ \ud83d\ude00\n' : `Title of ${own.id}`),
  pages: numberOf,
  author: (own: Thing) => thing('Author', numberOf(own) % 3),
  kin: (own: Thing) => [some('Book', numberOf(own), 2), null, some('Book', 3, 1), []],
  grid: (own: Thing) => [[1, numberOf(own)], []],
  label: (own: Thing) => (numberOf(own) % 2 ? 'OLD' : 'NEW'),
  size: () => ({}),
};

const resolvers: Readonly<Record<string, object>> = {
  books: {
    Query: {
      books: () => [...some('Book', 0, 4), thing('Book', 1)],
      book: (_root: unknown, { id }: { id: string }) => (id.startsWith('Book') ? thing('Book', 2) : null),
      works: () => [thing('Book', 1), thing('Film', 2), null, thing('Film', 4), thing('Book', 4)],
      found: (_root: unknown, { most }: { most: number }) =>
        [thing('Film', 1), { __typename: 'Shelf', code: 'A' }, thing('Book', 0)].slice(0, most),
      hall: () => ({}),
      items: () => [thing('Toy', 1), thing('Game', 2), thing('Toy', 3)],
    },
    Mutation: { rename: () => thing('Book', 1), lend: () => thing('Book', 3) },
    Book: book,
    Film: { ...book, minutes: numberOf, lead: (own: Thing) => thing('Author', numberOf(own)) },
    Size: { height: () => 7, width: (_own: unknown, { unit }: { unit: string }) => unit.length },
    Hall: { code: () => 'H', best: () => thing('Book', 3), facts: () => ({ a: [1, null, { b: 'c' }] }) },
    Shelf: { books: () => some('Book', 1, 3) },
    Item: {
      __resolveType: ({ id }: Thing) => id.split('_')[0],
      __resolveReference: ({ id }: Thing) => thing(id.split('_')[0] ?? '', Number(id.split('_')[1])),
    },
    Toy: { tag: ({ id }: Thing) => id, noise: () => true },
    Game: { tag: () => '', players: numberOf },
  },
  people: {
    Query: {
      authors: () => some('Author', 0, 3),
      hall: () => ({}),
      stocked: () => [thing('Toy', 2), thing('Game', 4)].map(({ id }) => ({ id })),
    },
    Author: {
      name: (own: Thing) => `Name of ${orFail(own, 'name', 1)}`,
      born: () => 1950,
      friends: (own: Thing) => some('Author', numberOf(own) + 1, 2),
      wrote: (own: Thing) => some('Book', numberOf(own), 2),
    },
    Book: {
      rating: (own: Thing, _given: unknown, { seed }: { seed: number }) =>
        numberOf({ id: orFail(own, 'rating', seed) }) + 0.5,
      readers: (own: Thing) => some('Author', numberOf(own), 3),
      blurb: ({ title, pages }: { title: string; pages: number }) => `${title} on ${pages} pages`,
      size: () => ({}),
    },
    Film: { awards: () => ['Gold', null] },
    Size: { depth: () => 3 },
    Hall: { code: () => 'H', rooms: () => 5, keeper: () => thing('Author', 2) },
    Item: { stock: numberOf, holder: (own: Thing) => thing('Author', numberOf(own) % 2) },
  },
};

/** The id, or an error in its place. */
function orFail(own: Thing, field: string, seed: number): string {
  if (isChosen(`${own.id}.${field}`, seed, 6)) throw new Error(`${field} of ${own.id} fell down`);
  return own.id;
}

/** One of so many values, by what it is. */
function isChosen(text: string, seed: number, ofMany: number): boolean {
  if (seed === 0) return false;
  let hash = seed;
  for (const character of text) hash = (hash * 31 + (character.codePointAt(0) ?? 0)) % 1_000_003;
  return hash % ofMany === 0;
}

function spoilt(result: ExecutionResult, seed: number): ExecutionResult {
  const data = spoiltValue(result.data ?? null, 'data', seed) as NonNullable<ExecutionResult['data']> | null;
  return { ...result, data };
}

function spoiltValue(value: unknown, name: string, seed: number): unknown {
  if (Array.isArray(value)) return value.map((element) => spoiltValue(element, name, seed));
  if (typeof value !== 'object' || value === null) {
    const said = `${name} ${JSON.stringify(value)}`;
    if (name === 'id' || name === '__typename' || value === null) return value;
    if (isChosen(said, seed, 23)) return null;
    return isChosen(said, seed, 29) ? wrongType(value) : value;
  }
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [key, spoiltValue(inner, key, seed)]),
  );
}

function wrongType(value: unknown): unknown {
  return typeof value === 'string' ? 7 : 'seven';
}
