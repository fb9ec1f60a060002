import { describe, expect, test } from '@jest/globals';
import { buildSchema, Kind, parse } from 'graphql';
import { rememberedLimits } from '../src/limits/remembered-limits.ts';

const schema = buildSchema(`
  type Query { people(first: Int, after: String, page: Page): [Person!]! }
  input Page { first: Int }
  type Person { id: ID!  friends: [Person!]! }
`);

function measured(source: string) {
  const document = parse(source);
  const operation = document.definitions.find((node) => node.kind === Kind.OPERATION_DEFINITION);
  if (!operation) throw new Error('There is no operation');
  return (variables: Record<string, unknown>) => ({ schema, document, operation, variables });
}

describe('limits that are remembered', () => {
  const assertWithin = rememberedLimits({ depth: 2, cost: 50, tokens: 99 });

  test('refuse a document each time', () => {
    const deep = measured('{ people(first: 1) { friends { friends { id } } } }');
    expect(() => {
      assertWithin(deep({}));
    }).toThrow('levels deep');
    expect(() => {
      assertWithin(deep({}));
    }).toThrow('levels deep');
  });

  test('let a document through each time', () => {
    const small = measured('query($after: String!) { people(first: 1, after: $after) { id } }');
    expect(() => {
      assertWithin(small({ after: 'a' }));
    }).not.toThrow();
    expect(() => {
      assertWithin(small({ after: 'b' }));
    }).not.toThrow();
  });

  test.each(['Int', 'Int!', '[Int!]', 'Page'])('measure anew where a variable is of type %s', (type) => {
    const sized = measured(`query($first: Int, $size: ${type}) { people(first: $first) { id } }`);
    expect(() => {
      assertWithin(sized({ first: 2 }));
    }).not.toThrow();
    expect(() => {
      assertWithin(sized({ first: 51 }));
    }).toThrow('at most 50');
  });

  test('are of the operation, not of the document that holds several', () => {
    const both = parse('query A { people(first: 1) { id } } query B { people(first: 99) { id } }');
    const [a, b] = both.definitions.filter((node) => node.kind === Kind.OPERATION_DEFINITION);
    const of = (operation: NonNullable<typeof a>) => ({ schema, document: both, operation, variables: {} });
    if (!a || !b) throw new Error('There are no two operations');
    expect(() => {
      assertWithin(of(a));
    }).not.toThrow();
    expect(() => {
      assertWithin(of(b));
    }).toThrow('at most 50');
  });
});
