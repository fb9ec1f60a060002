import { GraphQLError, Kind, visit, type DirectiveNode, type DocumentNode } from 'graphql';

type Values = Readonly<Record<string, unknown>>;

/** The variables that `@skip` and `@include` of a document go by. */
export function conditionVariables(document: DocumentNode): readonly string[] {
  const names = new Set<string>();
  visit(document, {
    Directive(node) {
      const condition = conditionOf(node);
      if (condition?.kind === Kind.VARIABLE) names.add(condition.name.value);
    },
  });
  return [...names];
}

/** Whether the directives of a selection let it be (https://spec.graphql.org/October2021/#sec--skip). */
export function isIncluded(directives: readonly DirectiveNode[] | undefined, values: Values): boolean {
  return (directives ?? []).every((node) => {
    const condition = conditionOf(node);
    if (!condition) return true;
    const holds =
      condition.kind === Kind.VARIABLE ? booleanOf(condition.name.value, values) : condition.value;
    return holds === (node.name.value === 'include');
  });
}

/** @throws GraphQLError where it is null, which a default in the operation makes possible */
export function booleanOf(variable: string, values: Values): boolean {
  const value = values[variable];
  if (typeof value === 'boolean') return value;
  throw new GraphQLError(`The variable "$${variable}" decides what is included, and must not be null.`, {
    extensions: { code: 'BAD_USER_INPUT' },
  });
}

function conditionOf({ name, arguments: given = [] }: DirectiveNode) {
  if (name.value !== 'skip' && name.value !== 'include') return undefined;
  const value = given.find((argument) => argument.name.value === 'if')?.value;
  return value?.kind === Kind.VARIABLE || value?.kind === Kind.BOOLEAN ? value : undefined;
}
