import type { Selection, SelectionSet } from '@apollo/federation-internals';
import type { QueryPlanSelectionNode } from '@apollo/query-planner';
import { Kind, type SelectionSetNode } from 'graphql';

/** What a field with @requires needs, for those fields of which something needed takes arguments. */
export interface Requirements {
  /** The selections in a representation, with the aliases that the planner's fetches have for them. */
  of(subgraph: string, type: string, field: string): readonly QueryPlanSelectionNode[] | undefined;
}

/** What is used of the planner's graph (`QueryGraph` of @apollo/query-graphs). */
export interface QueryGraph {
  allEdges(): Iterable<Edge>;
}

interface Edge {
  readonly head: { readonly type: { readonly name: string }; readonly source: string };
  readonly transition: { readonly kind: string; readonly definition?: { readonly name: string } };
  _conditions?: SelectionSet;
}

/** Response names that the gateway makes begin so. */
export const ownPrefix = 'lyceum__';

/**
 * Gives each field that a @requires asks for, and that takes arguments, an alias of its own in the planner's graph. The
 * planner goes by response names: it would take `price(currency: "EUR")` of the client, or of another @requires, for the
 * `price(currency: "USD")` that is meant. The same field with the same arguments has the same alias.
 *
 * The conditions of an edge are private to the planner. A version that keeps them elsewhere is noticed by
 * test/required-arguments.test.ts.
 */
export function aliasRequiredFields(graph: QueryGraph): Requirements {
  const aliases = new Map<string, string>();
  const requirements = new Map<string, readonly QueryPlanSelectionNode[]>();

  function aliased(set: SelectionSet): SelectionSet {
    return set.lazyMap(aliasedSelection);
  }

  function aliasedSelection(selection: Selection): Selection {
    const inner = selection.selectionSet && aliased(selection.selectionSet);
    if (selection.kind === 'FragmentSelection')
      return inner ? selection.withUpdatedSelectionSet(inner) : selection;
    const field = selection.element;
    const takesArguments = field.definition.arguments().length > 0;
    const named = takesArguments ? field.withUpdatedAlias(aliasOf(field.toString(), field.name)) : field;
    return selection.withUpdatedComponents(named, inner);
  }

  function aliasOf(call: string, name: string): string {
    const alias = aliases.get(call) ?? `${ownPrefix}${aliases.size}_${name}`;
    aliases.set(call, alias);
    return alias;
  }

  for (const edge of graph.allEdges()) {
    const { head, transition, _conditions: conditions } = edge;
    if (transition.kind !== 'FieldCollection' || !conditions) continue;
    const own = aliased(conditions);
    if (own === conditions) continue;
    edge._conditions = own;
    const key = keyOf(head.source, head.type.name, transition.definition?.name ?? '');
    requirements.set(key, nodesOf(own.toSelectionSetNode()));
  }

  return { of: (subgraph, type, field) => requirements.get(keyOf(subgraph, type, field)) };
}

function keyOf(subgraph: string, type: string, field: string): string {
  return `${subgraph} ${type}.${field}`;
}

/** As a plan has them, but with the aliases, which the planner leaves out there. */
function nodesOf({ selections }: SelectionSetNode): QueryPlanSelectionNode[] {
  return selections.flatMap((selection): QueryPlanSelectionNode[] => {
    if (selection.kind === Kind.FRAGMENT_SPREAD) return [];
    if (selection.kind === Kind.INLINE_FRAGMENT) {
      const typeCondition = selection.typeCondition?.name.value;
      const inner = nodesOf(selection.selectionSet);
      return [{ kind: 'InlineFragment', ...(typeCondition ? { typeCondition } : {}), selections: inner }];
    }
    const { alias, name, selectionSet } = selection;
    const named = { kind: 'Field' as const, name: name.value, ...(alias ? { alias: alias.value } : {}) };
    return [selectionSet ? { ...named, selections: nodesOf(selectionSet) } : named];
  });
}
