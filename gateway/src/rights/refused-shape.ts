import {
  getNamedType,
  isCompositeType,
  isInterfaceType,
  isObjectType,
  Kind,
  type FieldNode,
  type GraphQLCompositeType,
  type GraphQLOutputType,
  type GraphQLSchema,
  type SelectionSetNode,
} from 'graphql';
import { fragmentsOf } from '../limits/fragments.ts';
import type { AllowedOperation } from './allowed-operation.ts';
import type { ProtectedField } from './operation-rights.ts';

/**
 * Where in the data something is refused, by response names. Of one response name all fields are alike in what is a list
 * and what may be null (https://spec.graphql.org/October2021/#SameResponseShape()).
 */
export interface RefusedShape {
  /** By the names of the marks; fields of different types may have one. */
  readonly refused: ReadonlyMap<string, readonly ProtectedField[]>;
  /** Those with something refused beneath. */
  readonly fields: ReadonlyMap<string, { readonly type: GraphQLOutputType; readonly inner: RefusedShape }>;
}

interface Selected {
  readonly node: FieldNode;
  readonly parent: GraphQLCompositeType;
}

interface SelectedSet {
  readonly set: SelectionSetNode;
  readonly parent: GraphQLCompositeType;
}

export function refusedShape(
  { document, operation, refused }: AllowedOperation,
  schema: GraphQLSchema,
): RefusedShape {
  const fragments = fragmentsOf(document);

  function fieldsOf({ set, parent }: SelectedSet): Selected[] {
    return set.selections.flatMap((selection) => {
      if (selection.kind === Kind.FIELD) return [{ node: selection, parent }];
      const inner = selection.kind === Kind.FRAGMENT_SPREAD ? fragments.get(selection.name.value) : selection;
      const type = inner?.typeCondition && schema.getType(inner.typeCondition.name.value);
      return inner
        ? fieldsOf({ set: inner.selectionSet, parent: isCompositeType(type) ? type : parent })
        : [];
    });
  }

  function shapeOf(sets: readonly SelectedSet[]): RefusedShape {
    const marks = new Map<string, ProtectedField[]>();
    const fields: RefusedShape['fields'] extends ReadonlyMap<infer K, infer V> ? Map<K, V> : never =
      new Map();
    for (const [name, all] of grouped(sets.flatMap(fieldsOf))) {
      const ours = all.flatMap(({ node }) => refused.get(node) ?? []);
      if (ours.length > 0) marks.set(name, ours);
      const type = all[0] && typeOf(all[0]);
      const inner = shapeOf(all.flatMap(beneath));
      if (type && inner.refused.size + inner.fields.size > 0) fields.set(name, { type, inner });
    }
    return { refused: marks, fields };
  }

  const root = schema.getRootType(operation.operation);
  return shapeOf(root ? [{ set: operation.selectionSet, parent: root }] : []);
}

function grouped(all: readonly Selected[]): ReadonlyMap<string, Selected[]> {
  const byName = new Map<string, Selected[]>();
  for (const each of all) {
    const name = (each.node.alias ?? each.node.name).value;
    byName.set(name, [...(byName.get(name) ?? []), each]);
  }
  return byName;
}

function beneath(selected: Selected): SelectedSet[] {
  const type = typeOf(selected);
  const named = type && getNamedType(type);
  const { selectionSet: set } = selected.node;
  return set && isCompositeType(named) ? [{ set, parent: named }] : [];
}

function typeOf({ node, parent }: Selected): GraphQLOutputType | undefined {
  return isObjectType(parent) || isInterfaceType(parent)
    ? parent.getFields()[node.name.value]?.type
    : undefined;
}
