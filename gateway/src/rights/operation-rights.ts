import {
  getNamedType,
  isCompositeType,
  isInterfaceType,
  isObjectType,
  Kind,
  type DocumentNode,
  type FieldNode,
  type GraphQLCompositeType,
  type GraphQLOutputType,
  type GraphQLSchema,
  type OperationDefinitionNode,
  type SelectionSetNode,
} from 'graphql';
import { fragmentsOf } from '../limits/fragments.ts';
import type { FieldRights } from './field-rights.ts';
import type { Requirement } from './requirement.ts';

/** A field that an operation selects and that needs something. */
export interface ProtectedField {
  /** `Person.email` */
  readonly coordinate: string;
  readonly type: GraphQLOutputType;
  readonly requirement: Requirement;
}

/** What of an operation needs something: the nodes of its fields, wherever they stand. Empty: all of it is for everybody. */
export type OperationRights = ReadonlyMap<FieldNode, ProtectedField>;

/**
 * Looks through a validated operation, its fragments included, once each: what a field needs goes by the type that it is
 * selected on, which is the same wherever a fragment is spread.
 */
export function operationRights(options: {
  document: DocumentNode;
  operation: OperationDefinitionNode;
  schema: GraphQLSchema;
  needs: FieldRights;
}): OperationRights {
  const { document, operation, schema, needs } = options;
  const fragments = fragmentsOf(document);
  const followed = new Set<string>();
  const found = new Map<FieldNode, ProtectedField>();

  function ofSelections(set: SelectionSetNode, parent: GraphQLCompositeType): void {
    for (const selection of set.selections) {
      if (selection.kind === Kind.FIELD) ofField(selection, parent);
      else if (selection.kind === Kind.INLINE_FRAGMENT)
        ofSelections(selection.selectionSet, typeNamed(selection.typeCondition?.name.value) ?? parent);
      else ofFragment(selection.name.value);
    }
  }

  function ofFragment(name: string): void {
    const fragment = fragments.get(name);
    if (!fragment || followed.has(name)) return;
    followed.add(name);
    const type = typeNamed(fragment.typeCondition.name.value);
    if (type) ofSelections(fragment.selectionSet, type);
  }

  function ofField(node: FieldNode, parent: GraphQLCompositeType): void {
    const name = node.name.value;
    const field = isObjectType(parent) || isInterfaceType(parent) ? parent.getFields()[name] : undefined;
    // __typename, and introspection: the schema is by another rule shown or not.
    if (!field) return;
    const requirement = needs(parent.name, name);
    if (requirement.length > 0)
      found.set(node, { coordinate: `${parent.name}.${name}`, type: field.type, requirement });
    const type = getNamedType(field.type);
    if (node.selectionSet && isCompositeType(type)) ofSelections(node.selectionSet, type);
  }

  function typeNamed(name: string | undefined): GraphQLCompositeType | undefined {
    const type = name === undefined ? undefined : schema.getType(name);
    return isCompositeType(type) ? type : undefined;
  }

  const root = schema.getRootType(operation.operation);
  if (root) ofSelections(operation.selectionSet, root);
  return found;
}
