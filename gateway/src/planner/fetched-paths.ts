import type { FetchNode, PlanNode, QueryPlan } from '@apollo/query-planner';
import { Kind, parse, type FragmentDefinitionNode, type SelectionSetNode } from 'graphql';

/** The paths of response names, joined by dots and without lists, at which a plan fetches a field of whatever type. */
export function fetchedPaths({ node }: QueryPlan): ReadonlySet<string> {
  if (!node) return new Set();
  const nodes = node.kind === 'Subscription' ? [node.primary, ...(node.rest ? [node.rest] : [])] : [node];
  return new Set(nodes.flatMap((each) => pathsOf(each, [])));
}

/** A place to which a fetch answers. */
export interface FetchedPath {
  readonly path: string;
  /** Whether an object, or a list of such, is there. */
  readonly isObject: boolean;
}

function pathsOf(node: PlanNode, path: readonly string[]): string[] {
  switch (node.kind) {
    case 'Fetch':
      return pathsOfFetch(node, path).map((each) => each.path);
    case 'Flatten': {
      const names = node.path.filter((step): step is string => typeof step === 'string' && step !== '@');
      return pathsOf(node.node, [...path, ...names]);
    }
    case 'Sequence':
    case 'Parallel':
      return node.nodes.flatMap((inner) => pathsOf(inner, path));
    case 'Condition':
      return [node.ifClause, node.elseClause].flatMap((inner) => (inner ? pathsOf(inner, path) : []));
    case 'Defer':
      return [];
  }
}

/** @param path the response names, without lists, of what the fetch is for */
export function pathsOfFetch(
  { operation, requires }: FetchNode,
  path: readonly string[],
): readonly FetchedPath[] {
  const { definitions } = parse(operation, { noLocation: true });
  const fragments = new Map(
    definitions.flatMap((node): [string, FragmentDefinitionNode][] =>
      node.kind === Kind.FRAGMENT_DEFINITION ? [[node.name.value, node]] : [],
    ),
  );

  const within = (set: SelectionSetNode, around: readonly string[]): FetchedPath[] =>
    set.selections.flatMap((selection): FetchedPath[] => {
      if (selection.kind === Kind.FRAGMENT_SPREAD) {
        const fragment = fragments.get(selection.name.value);
        return fragment ? within(fragment.selectionSet, around) : [];
      }
      if (selection.kind === Kind.INLINE_FRAGMENT) return within(selection.selectionSet, around);
      const { alias, name, selectionSet } = selection;
      // What an entity fetch answers stands where its entities do.
      const isEntities = requires !== undefined && name.value === '_entities';
      if (isEntities && selectionSet) return within(selectionSet, around);
      const own = [...around, (alias ?? name).value];
      return [
        { path: own.join('.'), isObject: selectionSet !== undefined },
        ...(selectionSet ? within(selectionSet, own) : []),
      ];
    });

  return definitions.flatMap((node) =>
    node.kind === Kind.OPERATION_DEFINITION ? within(node.selectionSet, path) : [],
  );
}
