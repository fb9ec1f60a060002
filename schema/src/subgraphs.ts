import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { SubgraphSource } from './compose.ts';

/** The subgraphs of the graph and the ports that they listen on; the gateway may be told other addresses. */
export const subgraphPorts = {
  identity: 4101,
  catalog: 4102,
  learning: 4103,
  assessment: 4104,
  records: 4105,
} as const;

export type SubgraphName = keyof typeof subgraphPorts;

/**
 * Reads every subgraph's schema.graphql below `root`, the repository.
 *
 * @param urls routing URLs other than the default ones, by subgraph.
 */
export async function readSubgraphs(
  root: string,
  urls: Partial<Record<SubgraphName, string>> = {},
): Promise<SubgraphSource[]> {
  const names = Object.keys(subgraphPorts) as SubgraphName[];
  const present = names.filter((name) => existsSync(join(root, fileOf(name))));
  return Promise.all(
    present.map(async (name) => ({
      name,
      url: urls[name] ?? `http://localhost:${subgraphPorts[name]}/graphql`,
      file: fileOf(name),
      sdl: await readFile(join(root, fileOf(name)), 'utf8'),
    })),
  );
}

function fileOf(name: SubgraphName): string {
  return `subgraphs/${name}/schema.graphql`;
}
