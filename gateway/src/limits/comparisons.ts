import {
  Kind,
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type SelectionSetNode,
} from 'graphql';
import { fragmentsOf } from './fragments.ts';

/**
 * How many pairs of fields there are in a document that would answer under one name in one object: validation compares each
 * (https://spec.graphql.org/October2021/#sec-Field-Selection-Merging), a thousand of one name half a million times. Fields of
 * fragments count where they are spread. The document need not be valid. Stops counting beyond `most`.
 */
export function comparisonsIn(document: DocumentNode, most: number): number {
  const fragments = fragmentsOf(document);
  const budget = { visits: mostVisits, comparisons: 0 };
  for (const definition of document.definitions) {
    if (!('selectionSet' in definition)) continue;
    countIn([{ set: definition.selectionSet, within: namesOf(definition) }], { fragments, budget, most });
    if (isOver({ budget, most })) return Infinity;
  }
  return budget.comparisons;
}

/** Selections that are looked at: fragments that double would take years. */
const mostVisits = 100_000;

interface Counting {
  readonly fragments: ReadonlyMap<string, FragmentDefinitionNode>;
  readonly budget: { visits: number; comparisons: number };
  readonly most: number;
}

interface MergedSet {
  readonly set: SelectionSetNode;
  /** The fragments that it is in: none of them is followed once more. */
  readonly within: ReadonlySet<string>;
}

const isOver = ({ budget, most }: Pick<Counting, 'budget' | 'most'>) =>
  budget.visits < 0 || budget.comparisons > most;

function namesOf(definition: {
  readonly kind: Kind;
  readonly name?: { readonly value: string } | undefined;
}) {
  return new Set(definition.kind === Kind.FRAGMENT_DEFINITION ? [definition.name?.value ?? ''] : []);
}

/** Of the fields that are merged into one object. */
function countIn(sets: readonly MergedSet[], counting: Counting): void {
  const fields = new Map<string, { node: FieldNode; within: ReadonlySet<string> }[]>();
  const spread = new Set<string>();

  function collect({ set, within }: MergedSet): void {
    for (const selection of set.selections) {
      counting.budget.visits -= 1;
      if (isOver(counting)) return;
      if (selection.kind === Kind.FIELD) {
        const name = (selection.alias ?? selection.name).value;
        const alike = fields.get(name);
        if (alike) alike.push({ node: selection, within });
        else fields.set(name, [{ node: selection, within }]);
      } else if (selection.kind === Kind.INLINE_FRAGMENT) collect({ set: selection.selectionSet, within });
      else follow(selection.name.value, within);
    }
  }

  function follow(name: string, within: ReadonlySet<string>): void {
    const fragment = counting.fragments.get(name);
    if (!fragment || within.has(name) || spread.has(name)) return;
    spread.add(name);
    collect({ set: fragment.selectionSet, within: new Set([...within, name]) });
  }

  for (const each of sets) collect(each);
  for (const alike of fields.values()) {
    counting.budget.comparisons += (alike.length * (alike.length - 1)) / 2;
    if (isOver(counting)) return;
    const inner = alike.flatMap(({ node, within }) =>
      node.selectionSet ? [{ set: node.selectionSet, within }] : [],
    );
    if (inner.length > 0) countIn(inner, counting);
  }
}
