import type { QueryPlanFieldNode, QueryPlanSelectionNode } from '@apollo/query-planner';

type Nodes = readonly QueryPlanSelectionNode[];

/** The fields in selections that have an alias, by where they are: response names, joined with dots. */
export interface AliasedField {
  /** The response names of those around it. */
  readonly within: readonly string[];
  readonly alias: string;
  readonly name: string;
}

/** Those inside of another come before it, so that they can be renamed one after the other. */
export function aliasedFields(nodes: Nodes, within: readonly string[] = []): AliasedField[] {
  return nodes.flatMap((node) => {
    if (node.kind === 'InlineFragment') return aliasedFields(node.selections, within);
    const { alias, name, selections = [] } = node;
    const inner = aliasedFields(selections, [...within, alias ?? name]);
    return alias === undefined ? inner : [...inner, { within, alias, name }];
  });
}

/** Whether one representation can't hold both: they have different fields under one name. */
export function conflict(some: Nodes, others: Nodes): boolean {
  const taken = aliasesByPlace(others);
  return [...aliasesByPlace(some)].some(([place, aliases]) => {
    const theirs = taken.get(place);
    return theirs !== undefined && theirs !== aliases;
  });
}

function aliasesByPlace(nodes: Nodes, within = ''): Map<string, string> {
  const places = new Map<string, Set<string>>();
  const visit = (inner: Nodes, around: string) => {
    for (const node of inner) {
      if (node.kind === 'InlineFragment') {
        visit(node.selections, around);
        continue;
      }
      const place = `${around}.${node.name}`;
      if (node.alias !== undefined) places.set(place, (places.get(place) ?? new Set()).add(node.alias));
      visit(node.selections ?? [], place);
    }
  };
  visit(nodes, within);
  return new Map([...places].map(([place, aliases]) => [place, [...aliases].sort().join(' ')]));
}

/** `nodes` without what `aliased` has under an alias: the planner has put it there under its own name. */
export function without(nodes: Nodes, aliased: Nodes): QueryPlanSelectionNode[] {
  return nodes.flatMap((node): QueryPlanSelectionNode[] => {
    if (node.kind === 'InlineFragment') {
      const selections = without(node.selections, aliased);
      return selections.length === 0 ? [] : [{ ...node, selections }];
    }
    const alike = fieldsIn(aliased).filter(({ name }) => name === node.name);
    if (alike.some(({ alias }) => alias !== undefined)) return [];
    if (!node.selections) return [node];
    const selections = without(
      node.selections,
      alike.flatMap((field) => field.selections ?? []),
    );
    return selections.length === 0 ? [] : [{ ...node, selections }];
  });
}

function fieldsIn(nodes: Nodes): QueryPlanFieldNode[] {
  return nodes.flatMap((node) => (node.kind === 'Field' ? [node] : fieldsIn(node.selections)));
}

/**
 * Both, with one field for each response name: where the executor meets a name twice at one level, it takes the second;
 * and what it finds missing there is missing for the whole representation, as it must be, which is then not sent.
 */
export function merged(some: Nodes, others: Nodes): QueryPlanSelectionNode[] {
  const result = [...some];
  for (const node of others) {
    const index = result.findIndex((known) => isAlike(known, node));
    const known = result[index];
    if (known === undefined) result.push(node);
    else if (known.selections && node.selections)
      result[index] = { ...known, selections: merged(known.selections, node.selections) };
  }
  return result;
}

function isAlike(one: QueryPlanSelectionNode, other: QueryPlanSelectionNode): boolean {
  if (one.kind === 'Field')
    return other.kind === 'Field' && (one.alias ?? one.name) === (other.alias ?? other.name);
  return other.kind === 'InlineFragment' && one.typeCondition === other.typeCondition;
}
