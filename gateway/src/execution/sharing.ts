import type { FetchNode, PlanNode } from '@apollo/query-planner';
import { Kind, parse, type FieldNode } from 'graphql';
import { entityFields } from '../planner/entity-fields.ts';
import { pathsOfFetch } from '../planner/fetched-paths.ts';
import { assign, deepMerge, type Merge } from './merge.ts';

/** How the answers of a plan's fetches are put together: see merge.ts. */
export function mergeFor(node: PlanNode | undefined): Merge {
  const taken = new Set<string>();
  for (const { fetch, path } of node ? fetchesOf(node, []) : []) {
    const own = new Set(
      pathsOfFetch(fetch, path)
        .filter(({ isObject }) => isObject)
        .map((each) => each.path),
    );
    for (const each of own) if (taken.has(each)) return deepMerge;
    for (const each of own) taken.add(each);
  }
  return assign;
}

function fetchesOf(node: PlanNode, path: readonly string[]): { fetch: FetchNode; path: readonly string[] }[] {
  switch (node.kind) {
    case 'Fetch':
      return [{ fetch: node, path }];
    case 'Flatten':
      return fetchesOf(node.node, [...path, ...node.path.map(String).filter((step) => step !== '@')]);
    case 'Sequence':
    case 'Parallel':
      return node.nodes.flatMap((each) => fetchesOf(each, path));
    case 'Condition':
      return [node.ifClause, node.elseClause].flatMap((each) => (each ? fetchesOf(each, path) : []));
    case 'Defer':
      return [];
  }
}

/**
 * Fetches of one plan that ask the same of entities, but for their names, have the same answer here: what one has asked for,
 * another need not. Only where no objects are answered: those would be at paths of which each has its own inside.
 */
export function sharedBy(fetch: FetchNode): string | undefined {
  if (fetch.outputRewrites?.length) return undefined;
  const fields = entityFields(parse(fetch.operation, { noLocation: true }));
  if (fields.some(({ node }) => isObjectField(node))) return undefined;
  return `${fetch.serviceName}\n${fetch.operation.replace(fetch.operationName ?? '', '')}`;
}

function isObjectField({ selectionSet }: FieldNode): boolean {
  return selectionSet?.kind === Kind.SELECTION_SET;
}
