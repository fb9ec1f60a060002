import {
  Kind,
  visit,
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type OperationDefinitionNode,
  type SelectionNode,
  type SelectionSetNode,
} from 'graphql';

/** A field that a fetch asks of its entities, and the type on which it asks it. */
export interface EntityField {
  readonly node: FieldNode;
  readonly type: string;
}

/** The fields that an `_entities` fetch asks of each entity itself, not of what is inside. */
export function entityFields(document: DocumentNode): EntityField[] {
  const { fragments } = partsOf(document);
  const within = (set: SelectionSetNode, type: string): EntityField[] =>
    set.selections.flatMap((selection) => {
      if (selection.kind === Kind.FIELD) return [{ node: selection, type }];
      if (selection.kind === Kind.INLINE_FRAGMENT)
        return within(selection.selectionSet, selection.typeCondition?.name.value ?? type);
      const fragment = fragments.get(selection.name.value);
      return fragment ? within(fragment.selectionSet, fragment.typeCondition.name.value) : [];
    });
  const entities = entitiesOf(document);
  return entities?.selectionSet ? within(entities.selectionSet, '') : [];
}

/** The same fetch of fewer fields; what it no longer uses (fragments, variables) is left out. */
export function withEntityFields(document: DocumentNode, kept: ReadonlySet<FieldNode>): DocumentNode {
  const { operation, fragments } = partsOf(document);
  const filtered = (set: SelectionSetNode): SelectionSetNode => ({
    ...set,
    selections: set.selections.flatMap((selection): SelectionNode[] => {
      if (selection.kind === Kind.FIELD) return kept.has(selection) ? [selection] : [];
      const inline = selection.kind === Kind.INLINE_FRAGMENT ? selection : inlined(selection.name.value);
      if (!inline) return [];
      const selectionSet = filtered(inline.selectionSet);
      const { directives = [] } = selection;
      return selectionSet.selections.length === 0 ? [] : [{ ...inline, directives, selectionSet }];
    }),
  });
  const inlined = (name: string) => {
    const fragment = fragments.get(name);
    return fragment && { ...fragment, kind: Kind.INLINE_FRAGMENT as const };
  };
  const entities = entitiesOf(document);
  if (!operation || !entities?.selectionSet) return document;
  const fewer = { ...entities, selectionSet: filtered(entities.selectionSet) };
  return withoutUnused(
    { ...operation, selectionSet: { ...operation.selectionSet, selections: [fewer] } },
    fragments,
  );
}

function withoutUnused(
  operation: OperationDefinitionNode,
  fragments: ReadonlyMap<string, FragmentDefinitionNode>,
): DocumentNode {
  const variables = new Set<string>();
  const used = new Set<FragmentDefinitionNode>();
  const note = (set: SelectionSetNode): void => {
    visit(set, {
      Variable: ({ name }) => void variables.add(name.value),
      FragmentSpread: ({ name }) => {
        const fragment = fragments.get(name.value);
        if (!fragment || used.has(fragment)) return;
        used.add(fragment);
        note(fragment.selectionSet);
      },
    });
  };
  note(operation.selectionSet);
  const variableDefinitions = operation.variableDefinitions?.filter(({ variable }) =>
    variables.has(variable.name.value),
  );
  return {
    kind: Kind.DOCUMENT,
    definitions: [{ ...operation, ...(variableDefinitions ? { variableDefinitions } : {}) }, ...used],
  };
}

function entitiesOf(document: DocumentNode): FieldNode | undefined {
  const root = partsOf(document).operation?.selectionSet.selections[0];
  return root?.kind === Kind.FIELD && root.name.value === '_entities' ? root : undefined;
}

function partsOf({ definitions }: DocumentNode) {
  const fragments = new Map<string, FragmentDefinitionNode>();
  let operation: OperationDefinitionNode | undefined;
  for (const definition of definitions) {
    if (definition.kind === Kind.FRAGMENT_DEFINITION) fragments.set(definition.name.value, definition);
    if (definition.kind === Kind.OPERATION_DEFINITION) operation = definition;
  }
  return { operation, fragments };
}
