import { readFileSync } from 'node:fs';
import { workspaceFile } from '@lyceum/service';
import {
  Kind,
  parse,
  type FieldDefinitionNode,
  type InputValueDefinitionNode,
  type ObjectTypeDefinitionNode,
  type TypeNode,
} from 'graphql';

const { definitions } = parse(readFileSync(workspaceFile('subgraphs/identity', 'schema.graphql'), 'utf8'));
const objects = definitions.filter((node) => node.kind === Kind.OBJECT_TYPE_DEFINITION);
const inputs = new Map(
  definitions
    .filter((node) => node.kind === Kind.INPUT_OBJECT_TYPE_DEFINITION)
    .map((node) => [node.name.value, node.fields ?? []]),
);

/** Where ids are given to each root field that takes any: `Mutation.lrsKeyRevoke` has `['input.id']`. */
export function idArguments(): Map<string, string[]> {
  const roots = objects.filter(({ name }) => ['Query', 'Mutation', 'Subscription'].includes(name.value));
  const fields = roots.flatMap((root) =>
    (root.fields ?? []).map((field): [string, string[]] => [nameOf(root, field), idsAmong(field.arguments)]),
  );
  return new Map(fields.filter(([, paths]) => paths.length > 0));
}

/** The types that another subgraph finds here by their key. */
export function entityTypes(): string[] {
  const found = objects.filter(({ directives }) =>
    directives?.some(
      ({ name, arguments: given }) =>
        name.value === 'key' && !given?.some((argument) => argument.name.value === 'resolvable'),
    ),
  );
  return found.map(({ name }) => name.value);
}

function nameOf(root: ObjectTypeDefinitionNode, field: FieldDefinitionNode): string {
  return `${root.name.value}.${field.name.value}`;
}

function idsAmong(values: readonly InputValueDefinitionNode[] = []): string[] {
  return values.flatMap(({ name, type }) => {
    const named = namedType(type);
    if (named === 'ID') return [name.value];
    return idsAmong(inputs.get(named)).map((path) => `${name.value}.${path}`);
  });
}

function namedType(type: TypeNode): string {
  return type.kind === Kind.NAMED_TYPE ? type.name.value : namedType(type.type);
}
