import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { cacheFacts } from './cache-facts.mjs';

/** From a workspace: the graph that its operations are asked of. */
export const supergraphOfClients = '../../schema/supergraph.graphql';

/** How scalars of the graph stand in JSON. */
const scalars = {
  DateTime: 'string',
  Duration: 'string',
  JSON: 'unknown',
  Locale: 'string',
  URL: 'string',
};

/** The preset reports to it how long its parts take; nobody here asks. */
const profiler = { run: async (part) => part(), collect: () => [] };

/**
 * For a frontend's operations, src/operations/*.graphql: each as a typed document, with @graphql-codegen's client preset,
 * and what normalised caches have to know of the graph. Written to src/generated/.
 *
 * @param {string} workspace its folder
 * @throws Error that names the file of each operation that the graph does not answer
 */
export async function generateClientOperations(workspace) {
  const { codegen, preset, documents, schema, schemaAst } = await sources(workspace);
  const files = await preset.buildGeneratesSection({
    baseOutputDir: join(workspace, 'src/generated/'),
    schema,
    schemaAst,
    documents,
    config: {
      scalars,
      strictScalars: true,
      enumsAsTypes: true,
      useTypeImports: true,
      immutableTypes: true,
      onlyOperationTypes: true,
    },
    presetConfig: { fragmentMasking: false },
    pluginMap: {},
    plugins: [],
    profiler,
  });
  // Of what the preset writes, frontends import the documents alone.
  const wanted = files.filter(({ filename }) => filename.endsWith('/graphql.ts'));
  for (const file of wanted) await write(file.filename, await codegen(file));
  await write(join(workspace, 'src/generated/cache-facts.ts'), cacheFacts(schemaAst));
}

/** Loaded when called: a build that finds the documents written needs none of it. */
async function sources(workspace) {
  const [{ codegen }, { preset }, { Supergraph }, { parse, printSchema, validate }] = await Promise.all([
    import('@graphql-codegen/core'),
    import('@graphql-codegen/client-preset'),
    import('@apollo/federation-internals'),
    import('graphql'),
  ]);
  const supergraph = await readFile(join(workspace, supergraphOfClients), 'utf8');
  const api = Supergraph.build(supergraph, { validateSupergraph: false }).apiSchema();
  const schemaAst = api.toGraphQLJSSchema();
  const documents = await readOperations(join(workspace, 'src/operations'), parse);
  refuseInvalid(documents, (document) => validate(schemaAst, document));
  return { codegen, preset, documents, schema: parse(printSchema(schemaAst)), schemaAst };
}

async function readOperations(folder, parse) {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.graphql')).sort();
  return Promise.all(
    names.map(async (name) => {
      const location = join(folder, name);
      const rawSDL = await readFile(location, 'utf8');
      return { location, rawSDL, document: parseAt(location, rawSDL, parse) };
    }),
  );
}

function parseAt(location, text, parse) {
  try {
    return parse(text);
  } catch (error) {
    throw new Error(`${location}:${error.locations?.[0]?.line ?? 1}: ${error.message}`, { cause: error });
  }
}

/** A fragment may stand in another file, so that all are looked at as one. */
function refuseInvalid(documents, faultsOf) {
  const definitions = documents.flatMap(({ document }) => document.definitions);
  const faults = faultsOf({ kind: 'Document', definitions });
  if (faults.length === 0) return;
  const lines = faults.map(({ message, nodes }) => `  ${placeOf(nodes?.[0], documents)}: ${message}`);
  throw new Error(`The graph does not answer these operations:\n${lines.join('\n')}`);
}

function placeOf(node, documents) {
  const source = node?.loc?.source.body;
  const location = documents.find(({ rawSDL }) => rawSDL === source)?.location ?? 'an operation';
  return `${location}:${node?.loc?.startToken.line ?? 1}`;
}

async function write(path, text) {
  await mkdir(dirname(path), { recursive: true });
  await rm(path, { force: true });
  await writeFile(path, text);
}
