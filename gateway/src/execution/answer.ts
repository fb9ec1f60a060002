import {
  Kind,
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLError,
  type GraphQLSchema,
  type OperationDefinitionNode,
} from 'graphql';
import { booleanOf, conditionVariables, isIncluded } from './conditions.ts';
import { introspected } from './introspection.ts';
import type { JsonObject } from './objects.ts';
import { objectWriter } from './shape.ts';
import type { Write, Writing } from './written.ts';

type Values = Readonly<Record<string, unknown>>;

/** Writes what was fetched as the client asked for it. */
export type WriteAnswer = (
  data: JsonObject,
  variables: Values,
) => { readonly text: string; readonly faults: readonly GraphQLError[] };

/** The shapes of one operation's answers. */
export interface Answer {
  /**
   * @param coerced what `@skip` and `@include` go by
   * @throws GraphQLError where one of that is null
   */
  writerFor(coerced: Values): WriteAnswer;
}

/** More than these nobody needs of one document; the limit is for whoever tries them all. */
const mostShapes = 64;

export function createAnswer(options: {
  document: DocumentNode;
  operation: OperationDefinitionNode;
  schema: GraphQLSchema;
  /** The response name under which a field of the document was fetched. */
  fetchedName: (field: FieldNode) => string;
}): Answer {
  const { document, operation, schema, fetchedName } = options;
  const conditions = conditionVariables(document);
  const fragments = new Map(
    document.definitions.flatMap((node): [string, FragmentDefinitionNode][] =>
      node.kind === Kind.FRAGMENT_DEFINITION ? [[node.name.value, node]] : [],
    ),
  );
  const shapes = new Map<string, Write>();

  function shapeFor(values: Values): Write {
    const root = schema.getRootType(operation.operation);
    if (!root) throw new Error(`The schema has no root for a ${operation.operation}`);
    return objectWriter(
      root,
      [{ set: operation.selectionSet, parent: root }],
      { schema, fragments, isIncluded: ({ directives }) => isIncluded(directives, values), fetchedName },
      { parent: '' },
    );
  }

  function shapeOf(coerced: Values): Write {
    const values = conditions.map((name) => [name, booleanOf(name, coerced)] as const);
    const key = values.map(([, holds]) => (holds ? '1' : '0')).join('');
    const known = shapes.get(key);
    if (known) return known;
    const shape = shapeFor(Object.fromEntries(values));
    if (shapes.size >= mostShapes) shapes.clear();
    shapes.set(key, shape);
    return shape;
  }

  return {
    writerFor(coerced) {
      const write = shapeOf(coerced);
      return (data, variables) => {
        const introspect = (fields: readonly FieldNode[]) =>
          introspected(fields, { schema, document, operation, variables });
        const writing: Writing = { path: [], faults: [], introspect };
        const written = write(data, writing);
        return { text: typeof written === 'string' ? written : 'null', faults: writing.faults };
      };
    },
  };
}
