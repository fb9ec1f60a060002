import {
  executeSync,
  Kind,
  OperationTypeNode,
  type DocumentNode,
  type FieldNode,
  type GraphQLSchema,
  type OperationDefinitionNode,
} from 'graphql';

/**
 * What a field `__schema` or `__type` says, as JSON: graphql-js answers it, with the fragments of the document.
 *
 * @param fields the same field, as often as it is selected
 * @param variables as the client sent them
 */
export function introspected(
  fields: readonly FieldNode[],
  options: {
    schema: GraphQLSchema;
    document: DocumentNode;
    operation: OperationDefinitionNode;
    variables: Readonly<Record<string, unknown>>;
  },
): string {
  const { schema, document, operation, variables: variableValues } = options;
  const fragments = document.definitions.filter(({ kind }) => kind === Kind.FRAGMENT_DEFINITION);
  const alone: OperationDefinitionNode = {
    kind: Kind.OPERATION_DEFINITION,
    operation: OperationTypeNode.QUERY,
    variableDefinitions: operation.variableDefinitions ?? [],
    selectionSet: { kind: Kind.SELECTION_SET, selections: fields },
  };
  const { data } = executeSync({
    schema,
    document: { kind: Kind.DOCUMENT, definitions: [alone, ...fragments] },
    rootValue: {},
    variableValues,
  });
  return JSON.stringify(Object.values(data ?? {})[0] ?? null);
}
