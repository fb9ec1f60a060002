import {
  Kind,
  OperationTypeNode,
  type DocumentNode,
  type OperationDefinitionNode,
  type SelectionNode,
  type SelectionSetNode,
} from 'graphql';
import { fragmentsOf } from './fragments.ts';

/** How many root fields of the kinds that are bounded by number an operation has. */
export interface RootFields {
  /** Each is an action of its own, such as a password that is tried. */
  readonly mutations: number;
  /** `__schema` and `__type`: each may answer the whole schema. */
  readonly introspections: number;
}

const introspective = new Set(['__schema', '__type']);

/** Counts aliases and what stands in fragments too; each fragment is walked once, however often it is spread. */
export function rootFields(document: DocumentNode, operation: OperationDefinitionNode): RootFields {
  const fragments = fragmentsOf(document);
  const known = new Map<string, RootFields>();
  const isMutation = operation.operation === OperationTypeNode.MUTATION;

  function ofSet(set: SelectionSetNode | undefined): RootFields {
    let [mutations, introspections] = [0, 0];
    for (const selection of set?.selections ?? []) {
      const part = ofSelection(selection);
      mutations += part.mutations;
      introspections += part.introspections;
    }
    return { mutations, introspections };
  }

  function ofSelection(selection: SelectionNode): RootFields {
    if (selection.kind === Kind.INLINE_FRAGMENT) return ofSet(selection.selectionSet);
    if (selection.kind === Kind.FRAGMENT_SPREAD) return ofFragment(selection.name.value);
    const isMeta = selection.name.value.startsWith('__');
    return {
      mutations: isMutation && !isMeta ? 1 : 0,
      introspections: introspective.has(selection.name.value) ? 1 : 0,
    };
  }

  function ofFragment(name: string): RootFields {
    const counted = known.get(name) ?? ofSet(fragments.get(name)?.selectionSet);
    known.set(name, counted);
    return counted;
  }

  return ofSet(operation.selectionSet);
}
