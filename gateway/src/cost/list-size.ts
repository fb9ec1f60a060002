import { GraphQLError, valueFromASTUntyped, type FieldNode, type GraphQLField } from 'graphql';
import type { ListSize } from './schema-costs.ts';

/**
 * How many elements @listSize says that a list has at most; undefined where it can't be told.
 *
 * @throws GraphQLError LIST_SIZE_REQUIRED where exactly one slicing argument must be given (8.4 of the specification).
 */
export function listSizeOf(
  { assumedSize, slicingArguments, requireOneSlicingArgument }: ListSize,
  node: FieldNode,
  options: {
    coordinate: string;
    field: GraphQLField<unknown, unknown>;
    variables: Readonly<Record<string, unknown>>;
  },
): number | undefined {
  const { coordinate, field, variables } = options;
  const sizes = slicingArguments
    .map((path) => sizeAt(path.split('.'), node, field, variables))
    .filter((size) => size !== undefined);
  if (requireOneSlicingArgument && slicingArguments.length > 0 && sizes.length !== 1)
    throw oneRequired(coordinate, slicingArguments, sizes.length);
  return sizes.length === 0 ? assumedSize : Math.max(0, ...sizes);
}

/** A value that was not given is the schema's default, as if it were. */
function sizeAt(
  [name = '', ...path]: readonly string[],
  node: FieldNode,
  field: GraphQLField<unknown, unknown>,
  variables: Readonly<Record<string, unknown>>,
): number | undefined {
  const given = node.arguments?.find((argument) => argument.name.value === name)?.value;
  let value: unknown = given && valueFromASTUntyped(given, variables);
  value ??= field.args.find((argument) => argument.name === name)?.defaultValue;
  for (const step of path) value = (Object(value) as Record<string, unknown>)[step];
  return value === undefined || value === null || Number.isNaN(Number(value)) ? undefined : Number(value);
}

function oneRequired(coordinate: string, names: readonly string[], count: number): GraphQLError {
  const message = `${coordinate} needs exactly one of ${names.join(', ')} to tell its size; ${count} are given.`;
  return new GraphQLError(message, {
    extensions: { code: 'LIST_SIZE_REQUIRED', field: coordinate, arguments: names, http: { status: 400 } },
  });
}
