import {
  Kind,
  type DocumentNode,
  type OperationDefinitionNode,
  type SelectionNode,
  type SelectionSetNode,
} from 'graphql';
import { fragmentsOf } from './fragments.ts';

/** How many selections a set holds with its fragments expanded, and those weighed by the conditions around each. */
interface Expansion {
  readonly selections: number;
  readonly weight: number;
}

const nothing: Expansion = { selections: 0, weight: 0 };

/**
 * What there is to plan in a validated operation: its selections, leaves included, with every fragment expanded where
 * it is spread, as the query planner expands it. Each counts once more for every @skip or @include around it, since
 * the planner keeps selections under different conditions apart.
 *
 * Taken in time proportional to the document: each fragment is measured once, however often it is spread.
 */
export function expandedSelections(document: DocumentNode, operation: OperationDefinitionNode): number {
  const fragments = fragmentsOf(document);
  const known = new Map<string, Expansion>();

  function ofSet(set: SelectionSetNode | undefined): Expansion {
    let { selections, weight } = nothing;
    for (const selection of set?.selections ?? []) {
      const part = ofSelection(selection);
      selections += part.selections;
      weight += part.weight;
    }
    return { selections, weight };
  }

  function ofSelection(selection: SelectionNode): Expansion {
    const inner =
      selection.kind === Kind.FRAGMENT_SPREAD
        ? ofFragment(selection.name.value)
        : ofSet(selection.selectionSet);
    const selections = inner.selections + 1;
    const weight = inner.weight + 1;
    return { selections, weight: isConditional(selection) ? weight + selections : weight };
  }

  function ofFragment(name: string): Expansion {
    const expansion = known.get(name) ?? ofSet(fragments.get(name)?.selectionSet);
    known.set(name, expansion);
    return expansion;
  }

  return ofSet(operation.selectionSet).weight;
}

function isConditional({ directives = [] }: SelectionNode): boolean {
  return directives.some(({ name }) => name.value === 'skip' || name.value === 'include');
}
