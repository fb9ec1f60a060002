import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { codegen } from '@graphql-codegen/core';
import * as typescript from '@graphql-codegen/typescript';
import * as resolvers from '@graphql-codegen/typescript-resolvers';
import { parse } from 'graphql';

const output = 'src/generated/resolver-types.ts';

/** Types of the resolvers that schema.graphql asks for, written to src/generated/resolver-types.ts. */
export async function generateResolverTypes() {
  const schema = parse(await readFile('schema.graphql', 'utf8'));
  const mappers = JSON.parse(await readFile('src/resolvers/mappers.json', 'utf8').catch(() => '{}'));
  const config = {
    federation: true,
    useTypeImports: true,
    enumsAsTypes: true,
    contextType: '../context.ts#Context',
    scalars: {
      DateTime: { input: 'Date', output: 'Date' },
      URL: { input: 'string', output: 'string' },
      Locale: 'string',
      Duration: 'string',
      JSON: 'unknown',
      ID: 'string',
    },
    mappers: { ...connectionsAsBuilt(schema), ...mappers },
    immutableTypes: true,
    inputMaybeValue: 'T | null | undefined',
    maybeValue: 'T | null | undefined',
    resolversNonOptionalTypename: false,
    // An input with a default is there when a resolver reads it.
    avoidOptionals: { defaultValue: true },
  };
  const text = await codegen({
    filename: output,
    schema,
    documents: [],
    config,
    plugins: [{ typescript: {} }, { resolvers: {} }],
    pluginMap: { typescript, resolvers },
  });
  await mkdir('src/generated', { recursive: true });
  await writeFile(output, text);
}

/**
 * Connections are built by `connection()` of packages/graphql, whose `totalCount` is a function that the executor
 * calls: no type generated from the schema says that, so they are taken as they come.
 */
function connectionsAsBuilt(schema) {
  const names = schema.definitions.flatMap((node) => ('name' in node ? [node.name.value] : []));
  return Object.fromEntries(
    names.filter((name) => name.endsWith('Connection')).map((name) => [name, 'unknown']),
  );
}
