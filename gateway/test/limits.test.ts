import { describe, expect, test } from '@jest/globals';
import { buildSchema, getOperationAST, parse } from 'graphql';
import { expandedSelections } from '../src/limits/expansion.ts';
import { measureOperation } from '../src/limits/measure.ts';

const schema = buildSchema(`
  type Query { me: Person  people(first: Int, last: Int): People!  page(first: Int = 20): People!  all: [Person!]! }
  type People { nodes: [Person!]! edges: [Edge!]! pageInfo: Info! totalCount: Int }
  type Edge { node: Person! cursor: String! }
  type Info { hasNextPage: Boolean! }
  interface Named { name: String }
  type Person implements Named { name: String  friends(first: Int): [Named!]!  best: Person }
`);

function measure(query: string, variables: Record<string, unknown> = {}) {
  const document = parse(query);
  return measureOperation({ schema, document, operation: getOperationAST(document)!, variables });
}

describe('the measure of an operation', () => {
  test.each([
    ['a leaf costs nothing', '{ me { name } }', { depth: 2, cost: 1 }],
    ['each object costs one', '{ me { best { best { name } } } }', { depth: 4, cost: 3 }],
    ['a list of unknown size counts as ten', '{ all { name } }', { depth: 2, cost: 10 }],
    ['a list has the size that is asked for', '{ me { friends(first: 3) { name } } }', { depth: 3, cost: 4 }],
    [
      'a connection gives its size to the lists in it',
      '{ people(first: 5) { nodes { name } } }',
      { depth: 3, cost: 6 },
    ],
    [
      'but not to its other fields',
      '{ people(last: 5) { pageInfo { hasNextPage } } }',
      { depth: 3, cost: 2 },
    ],
    [
      'counting a connection costs like a page, however few of it are asked for',
      '{ people(first: 1) { totalCount } }',
      { depth: 2, cost: 21 },
    ],
    [
      'counting in a fragment costs as much',
      '{ people(first: 1) { ...F } } fragment F on People { totalCount }',
      { depth: 2, cost: 21 },
    ],
    [
      'an edge and its node are two objects',
      '{ people(first: 5) { edges { node { name } } } }',
      { depth: 4, cost: 11 },
    ],
    ["an argument's default is used", '{ page { nodes { name } } }', { depth: 3, cost: 21 }],
    ['an alias costs as much as the field', '{ a: me { name } b: me { name } }', { depth: 2, cost: 2 }],
    [
      'introspection is not counted',
      '{ __schema { types { fields { type { ofType { name } } } } } }',
      { depth: 0, cost: 0 },
    ],
    [
      'fragments count where they are spread',
      '{ a: me { ...F } b: me { ...F } } fragment F on Person { best { ... on Named { name } } }',
      { depth: 3, cost: 4 },
    ],
  ])('%s', (_name, query, expected) => {
    expect(measure(query)).toEqual(expected);
  });

  test('takes list sizes from variables', () => {
    const query = 'query($n: Int) { people(first: $n) { nodes { name } } }';
    expect(measure(query, { n: 50 }).cost).toBe(51);
    expect(measure(query).cost).toBe(21);
    expect(measure(query.replace('Int', 'Int = 7')).cost).toBe(8);
  });

  // Were each spread followed, this would take years, not the time of a test.
  test('of fragments that double forty times is taken in time proportional to the document', () => {
    const bomb = Array.from(
      { length: 40 },
      (_, index) =>
        `fragment F${index} on Person { a: best { ...F${index + 1} } b: best { ...F${index + 1} } }`,
    );
    const { cost } = measure(`{ me { ...F0 } } ${bomb.join(' ')} fragment F40 on Person { name }`);
    expect(cost).toBeGreaterThan(1e12);
  });
});

describe('the selections of an operation, expanded', () => {
  function selections(query: string): number {
    const document = parse(query);
    return expandedSelections(document, getOperationAST(document)!);
  }

  test.each([
    ['leaves count', '{ me { name } }', 2],
    [
      'a fragment counts wherever it is spread',
      '{ a: me { ...F } b: me { ...F } } fragment F on Person { name }',
      6,
    ],
    ['an inline fragment counts', '{ me { ... on Person { name } } }', 3],
    ['introspection counts', '{ __schema { queryType { name } } }', 3],
    ['under a condition each counts once more', '{ me @include(if: true) { name } }', 4],
    [
      'under two conditions twice more',
      '{ me { ... @skip(if: false) { best @include(if: true) { name } } } }',
      1 + 2 + 3 + 3,
    ],
  ])('%s', (_name, query, expected) => {
    expect(selections(query)).toBe(expected);
  });

  test('of fragments that double a hundred times under conditions are counted in time proportional to the document', () => {
    const bomb = Array.from(
      { length: 100 },
      (_, index) =>
        `fragment F${index} on Person { ...F${index + 1} ... @include(if: true) { ...F${index + 1} } }`,
    );
    expect(selections(`{ me { ...F0 } } ${bomb.join(' ')} fragment F100 on Person { name }`)).toBeGreaterThan(
      2 ** 100,
    );
  });
});
