import { Supergraph } from '@apollo/federation-internals';
import { type BreakingChangeType, findBreakingChanges, type GraphQLSchema } from 'graphql';

/** A change of the graph that an existing client may not survive. */
export interface BreakingChange {
  readonly type: `${BreakingChangeType}`;
  readonly description: string;
}

/** What the graph that clients see has lost or narrowed from one supergraph to the next. */
export function breakingChanges(before: string, after: string): BreakingChange[] {
  return findBreakingChanges(apiSchema(before), apiSchema(after));
}

/**
 * The breaking changes that nobody has accepted. One is accepted by its description, a line of its own in
 * accepted-breaking-changes.txt; lines that begin with `#` are comments.
 */
export function unaccepted(changes: readonly BreakingChange[], acceptedText: string): BreakingChange[] {
  const lines = acceptedText.split('\n').map((line) => line.trim());
  const accepted = new Set(lines.filter((line) => line !== '' && !line.startsWith('#')));
  return changes.filter(({ description }) => !accepted.has(description));
}

/** The schema that the gateway shows: without what only federation needs, or what is @inaccessible. */
export function apiSchema(supergraphSdl: string): GraphQLSchema {
  return Supergraph.build(supergraphSdl, { validateSupergraph: false }).apiSchema().toGraphQLJSSchema();
}
