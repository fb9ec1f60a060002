import { CriticalityLevel, diff } from '@graphql-inspector/core';
import type { GraphQLSchema } from 'graphql';
import { coordinatesOf, type OperationInUse } from './operations-in-use.ts';

/** A change of the graph from the last release to now, as GraphQL Inspector judges it. */
export interface Change {
  readonly level: 'breaking' | 'dangerous' | 'safe';
  readonly message: string;
  /** The files of the known operations that touch what has changed; told of what is not safe. */
  readonly touches: readonly string[];
}

const levels = {
  [CriticalityLevel.Breaking]: 'breaking',
  [CriticalityLevel.Dangerous]: 'dangerous',
  [CriticalityLevel.NonBreaking]: 'safe',
} as const;

/** All changes, the worst first, and by their messages. */
export async function compare(
  released: GraphQLSchema,
  now: GraphQLSchema,
  operations: readonly OperationInUse[],
): Promise<Change[]> {
  const used = operations.map((operation) => ({
    file: operation.file,
    coordinates: coordinatesOf(released, operation),
  }));
  const touching = (type: string, path = '') =>
    used.filter(({ coordinates }) => coordinates.has(placeOf(type, path))).map(({ file }) => file);
  const changes = (await diff(released, now)).map(({ criticality, message, path, type }) => {
    const level = levels[criticality.level];
    return { level, message, touches: level === 'safe' ? [] : touching(String(type), path) };
  });
  const order = ['breaking', 'dangerous', 'safe'];
  return changes.sort(
    (a, b) => order.indexOf(a.level) - order.indexOf(b.level) || (a.message < b.message ? -1 : 1),
  );
}

/** What is new is used by nobody yet: whoever uses what it stands in is touched. */
function placeOf(type: string, path: string): string {
  return type.endsWith('_ADDED') ? path.split('.').slice(0, -1).join('.') || path : path;
}
