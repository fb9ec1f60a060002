import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

let root: string | undefined;

/**
 * The folder that holds all workspaces: the repository, or `/app` in a container image.
 * Found by walking up to the package.json that declares workspaces, so that it holds from source and from a bundle.
 */
export function repositoryRoot(): string {
  root ??= findRoot(dirname(fileURLToPath(import.meta.url)));
  return root;
}

/** The absolute path of a file that ships with a workspace, such as `('subgraphs/identity', 'schema.graphql')`. */
export function workspaceFile(workspace: string, ...path: string[]): string {
  return join(repositoryRoot(), workspace, ...path);
}

function findRoot(directory: string): string {
  const manifest = join(directory, 'package.json');
  if (existsSync(manifest) && readFileSync(manifest, 'utf8').includes('"workspaces"')) return directory;
  const parent = dirname(directory);
  if (parent === directory) throw new Error('No package.json with workspaces above this file');
  return findRoot(parent);
}
