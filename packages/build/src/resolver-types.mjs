import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/**
 * Types of the resolvers that a workspace's schema.graphql asks for, written to src/generated/resolver-types.ts.
 *
 * @param {string} workspace its folder
 */
export async function generateResolverTypes(workspace) {
  const { codegen, typescript, resolvers, parse } = await generator();
  const output = join(workspace, 'src/generated/resolver-types.ts');
  const schema = parse(await readFile(join(workspace, 'schema.graphql'), 'utf8'));
  const mappers = JSON.parse(
    await readFile(join(workspace, 'src/resolvers/mappers.json'), 'utf8').catch(() => '{}'),
  );
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
  await mkdir(dirname(output), { recursive: true });
  await writeFile(output, text);
}

/** Loaded when called: a build that finds the types written needs none of it. */
async function generator() {
  const [{ codegen }, typescript, resolvers, { parse }] = await Promise.all([
    import('@graphql-codegen/core'),
    import('@graphql-codegen/typescript'),
    import('@graphql-codegen/typescript-resolvers'),
    import('graphql'),
  ]);
  return { codegen, typescript, resolvers, parse };
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
