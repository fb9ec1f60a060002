import {
  isAbstractType,
  isCompositeType,
  isInterfaceType,
  isObjectType,
  Kind,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLCompositeType,
  type GraphQLSchema,
  type SelectionSetNode,
} from 'graphql';

/** Selections and the type on which they are made. */
export interface Selected {
  readonly set: SelectionSetNode;
  readonly parent: GraphQLCompositeType;
}

/** A field that is selected, and the type on which it is. */
export interface SelectedField {
  readonly node: FieldNode;
  readonly parent: GraphQLCompositeType;
}

/** A field as often as it is selected, at least once. */
export type CollectedField = readonly [SelectedField, ...SelectedField[]];

/** What the selections of an operation are read with. */
export interface Reading {
  readonly schema: GraphQLSchema;
  readonly fragments: ReadonlyMap<string, FragmentDefinitionNode>;
  /** Whether `@skip` and `@include` let a selection be. */
  readonly isIncluded: (node: { readonly directives?: FieldNode['directives'] }) => boolean;
}

/**
 * The fields that are selected of an object, by response name, in the order in which they are answered
 * (https://spec.graphql.org/October2021/#CollectFields()).
 *
 * @param own the object's type; undefined where it does not say its own, and counts as one of the type it is selected on
 */
export function collectFields(
  selected: Selected,
  own: GraphQLCompositeType | undefined,
  reading: Reading,
  collected = new Map<string, CollectedField>(),
): Map<string, CollectedField> {
  const { set, parent } = selected;
  for (const selection of set.selections) {
    if (!reading.isIncluded(selection)) continue;
    if (selection.kind === Kind.FIELD) {
      const name = (selection.alias ?? selection.name).value;
      const field: SelectedField = { node: selection, parent };
      const alike = collected.get(name);
      collected.set(name, alike ? [...alike, field] : [field]);
      continue;
    }
    const fragment =
      selection.kind === Kind.INLINE_FRAGMENT ? selection : reading.fragments.get(selection.name.value);
    if (!fragment) continue;
    const condition = fragment.typeCondition && reading.schema.getType(fragment.typeCondition.name.value);
    if (fragment.typeCondition && !isCompositeType(condition)) continue;
    const type = isCompositeType(condition) ? condition : parent;
    if (!condition || isSubtype(reading.schema, type, own ?? parent))
      collectFields({ set: fragment.selectionSet, parent: type }, own, reading, collected);
  }
  return collected;
}

function isSubtype(schema: GraphQLSchema, type: GraphQLCompositeType, other: GraphQLCompositeType): boolean {
  if (type === other) return true;
  return (
    isAbstractType(type) && (isObjectType(other) || isInterfaceType(other)) && schema.isSubType(type, other)
  );
}
