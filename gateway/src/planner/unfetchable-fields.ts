import type { Operation, Schema, SelectionSet } from '@apollo/federation-internals';
import type { QueryPlan } from '@apollo/query-planner';
import { GraphQLError } from 'graphql';
import { fetchedPaths } from './fetched-paths.ts';

/**
 * An interface that nothing implements (its objects are known to a subgraph by @interfaceObject alone) has no types to
 * plan for: the planner leaves what it can't fetch out of the plan, and the client would be told null. Where a supergraph
 * has such interfaces, each field asked of them must be in the plan.
 *
 * @returns what throws GraphQLError FIELD_UNFETCHABLE where one is not
 */
export function createFetchability(schema: Schema): (operation: Operation, plan: QueryPlan) => void {
  const interfaces = schema.interfaceTypes().filter((type) => type.possibleRuntimeTypes().length === 0);
  const bare = new Set(interfaces.map(({ name }) => name));
  if (bare.size === 0) return () => undefined;
  return (operation, plan) => {
    const asked = fieldsOf(operation.expandAllFragments().selectionSet, bare, []);
    const fetched = asked.length === 0 ? undefined : fetchedPaths(plan);
    const missing = asked.find((path) => fetched?.has(path.join('.')) === false);
    if (missing) throw unfetchable(missing);
  };
}

/** The paths of the fields that are asked of objects of these types. */
function fieldsOf(set: SelectionSet, types: ReadonlySet<string>, path: readonly string[]): string[][] {
  return set.selections().flatMap((selection) => {
    if (selection.element.appliedDirectives.some(isNever)) return [];
    if (selection.kind === 'FragmentSelection') return fieldsOf(selection.selectionSet, types, path);
    const { element, selectionSet } = selection;
    const own = [...path, element.responseName()];
    const inner = selectionSet ? fieldsOf(selectionSet, types, own) : [];
    return types.has(element.parentType.name) && element.name !== '__typename' ? [own, ...inner] : inner;
  });
}

/** `@skip(if: true)` and `@include(if: false)`: such a selection is in no plan. */
function isNever(directive: { readonly name: string; arguments(): unknown }): boolean {
  const { if: condition } = directive.arguments() as { if?: unknown };
  return (
    (directive.name === 'skip' && condition === true) || (directive.name === 'include' && condition === false)
  );
}

function unfetchable(path: readonly string[]): GraphQLError {
  return new GraphQLError(`No subgraph can be asked for "${path.join('.')}".`, {
    path,
    extensions: { code: 'FIELD_UNFETCHABLE' },
  });
}
