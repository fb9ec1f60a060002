import { describe, expect, test } from '@jest/globals';
import {
  breakingChanges,
  composeSupergraph,
  CompositionError,
  unaccepted,
  type SubgraphSource,
} from '../src/index.ts';

const link =
  'extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@shareable"])';

function subgraph(name: string, lines: readonly string[]): SubgraphSource {
  return {
    name,
    url: `http://localhost/${name}`,
    file: `subgraphs/${name}/schema.graphql`,
    sdl: [link, ...lines].join('\n'),
  };
}

const users = subgraph('users', [
  'type Query { user(id: ID!): User }',
  'type User @key(fields: "id") { id: ID! name: String }',
]);
const courses = subgraph('courses', [
  'type Query { courses: [Course!]! }',
  'type Course @key(fields: "id") { id: ID!',
  '  title: String }',
]);

function faultsOf(...subgraphs: SubgraphSource[]): readonly string[] {
  try {
    composeSupergraph(subgraphs);
  } catch (error) {
    if (error instanceof CompositionError) return error.faults;
    throw error;
  }
  return [];
}

describe('composition', () => {
  test('gives the same text in whatever order the subgraphs come', () => {
    expect(composeSupergraph([users, courses])).toBe(composeSupergraph([courses, users]));
  });

  test('names the subgraph and the line of a syntax error', () => {
    expect(faultsOf(users, subgraph('courses', ['type Query {', '  courses: [', '}']))).toEqual([
      expect.stringMatching(/^courses \(subgraphs\/courses\/schema\.graphql:4\): Syntax Error/),
    ]);
  });

  test('names the subgraph and the line of an unknown type', () => {
    expect(faultsOf(users, subgraph('courses', ['type Query { courses: [Course!]! }']))).toEqual([
      expect.stringMatching(/^courses \(subgraphs\/courses\/schema\.graphql:2\): .*Unknown type "?Course/),
    ]);
  });

  test('names both places of a field that two subgraphs type differently', () => {
    const other = subgraph('grades', [
      'type Query { grade: Int }',
      'type User @key(fields: "id") { id: ID!',
      '  name: Int @shareable }',
    ]);
    const [fault] = faultsOf(
      subgraph('users', [
        ...users.sdl.split('\n').slice(1, 2),
        'type User @key(fields: "id") { id: ID!',
        'name: String @shareable }',
      ]),
      other,
    );
    expect(fault).toContain('users (subgraphs/users/schema.graphql:4)');
    expect(fault).toContain('grades (subgraphs/grades/schema.graphql:4)');
    expect(fault).toContain('[FIELD_TYPE_MISMATCH]');
  });

  test('names the place of a field that no query could reach', () => {
    const other = subgraph('grades', ['type Query { grade: Int }', 'type Course {', '  grade: Int }']);
    const [fault] = faultsOf(users, courses, other);
    expect(fault).toContain('grades (subgraphs/grades/schema.graphql:4)');
    expect(fault).toContain('[SATISFIABILITY_ERROR]');
  });
});

describe('a breaking change', () => {
  const before = composeSupergraph([users, courses]);
  const without = composeSupergraph([
    users,
    subgraph('courses', ['type Query { courses: [Course!]! }', 'type Course @key(fields: "id") { id: ID! }']),
  ]);

  test('is a field that clients may be using', () => {
    expect(breakingChanges(before, without)).toEqual([
      { type: 'FIELD_REMOVED', description: 'Course.title was removed.' },
    ]);
    expect(breakingChanges(without, before)).toEqual([]);
  });

  test('is accepted by its description', () => {
    const changes = breakingChanges(before, without);
    expect(unaccepted(changes, '# a comment\n')).toEqual(changes);
    expect(unaccepted(changes, '# the title moved to its translation\nCourse.title was removed.\n')).toEqual(
      [],
    );
  });
});
