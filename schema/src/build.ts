import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { composeSupergraph, CompositionError } from './compose.ts';
import { readSubgraphs } from './subgraphs.ts';

// Run by `npm run build --workspace schema`, in the folder of this workspace.
const root = join(process.cwd(), '..');
const output = join(process.cwd(), 'supergraph.graphql');

try {
  const supergraph = composeSupergraph(await readSubgraphs(root));
  const previous = await readFile(output, 'utf8').catch(() => undefined);
  if (supergraph !== previous) await replace(supergraph);
} catch (error) {
  if (!(error instanceof CompositionError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}

/** In one step, so that a gateway that watches the file never reads half of it. */
async function replace(supergraph: string): Promise<void> {
  await writeFile(`${output}.next`, supergraph);
  await rename(`${output}.next`, output);
}
