import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  getNamedType,
  isEnumType,
  isInputObjectType,
  Kind,
  parse,
  TypeInfo,
  typeFromAST,
  visit,
  visitWithTypeInfo,
  type DefinitionNode,
  type GraphQLInputType,
  type GraphQLNamedType,
  type GraphQLSchema,
  type TypeNode,
} from 'graphql';

/** A document that somebody sends: what it was read from, for messages. */
export interface OperationInUse {
  readonly file: string;
  readonly definitions: readonly DefinitionNode[];
}

/** Below the repository: the operations of the typed client, and those that the playground shows. */
const folders = ['packages/client/src/operations', 'schema/operations'];

/** @throws GraphQLError where one is no GraphQL */
export async function readOperationsInUse(root: string): Promise<OperationInUse[]> {
  const present = folders.filter((folder) => existsSync(join(root, folder)));
  const files = await Promise.all(
    present.map(async (folder) =>
      (await readdir(join(root, folder)))
        .filter((name) => name.endsWith('.graphql'))
        .sort()
        .map((name) => `${folder}/${name}`),
    ),
  );
  return Promise.all(
    files.flat().map(async (file) => ({
      file,
      definitions: parse(await readFile(join(root, file), 'utf8')).definitions,
    })),
  );
}

/**
 * What of a schema an operation touches, as coordinates: `Course`, `Course.title`, `Query.courses.first`. A variable may
 * carry all that its type takes, and an enum any of its values: these are all touched.
 */
export function coordinatesOf(schema: GraphQLSchema, { definitions }: OperationInUse): ReadonlySet<string> {
  const found = new Set<string>();
  const info = new TypeInfo(schema);
  const document = { kind: Kind.DOCUMENT, definitions } as const;
  visit(
    document,
    visitWithTypeInfo(info, {
      Field() {
        const parent = info.getParentType();
        const field = info.getFieldDef();
        if (!parent || !field) return;
        found.add(parent.name).add(`${parent.name}.${field.name}`);
        addType(getNamedType(field.type), found);
      },
      Argument() {
        const argument = info.getArgument();
        const field = info.getFieldDef();
        const parent = info.getParentType();
        if (argument && field && parent) found.add(`${parent.name}.${field.name}.${argument.name}`);
        if (argument) addType(getNamedType(argument.type), found);
      },
      VariableDefinition({ type }) {
        const variable = inputTypeOf(schema, type);
        if (variable) addType(getNamedType(variable), found);
      },
    }),
  );
  return found;
}

function inputTypeOf(schema: GraphQLSchema, type: TypeNode): GraphQLInputType | undefined {
  return typeFromAST(schema, type as never) as GraphQLInputType | undefined;
}

function addType(type: GraphQLNamedType | undefined, found: Set<string>): void {
  if (!type || found.has(type.name)) return;
  found.add(type.name);
  if (isEnumType(type)) for (const { name } of type.getValues()) found.add(`${type.name}.${name}`);
  if (!isInputObjectType(type)) return;
  for (const field of Object.values(type.getFields())) {
    found.add(`${type.name}.${field.name}`);
    addType(getNamedType(field.type), found);
  }
}
