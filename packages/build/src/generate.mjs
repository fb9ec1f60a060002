import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { generateClientOperations, supergraphOfClients } from './client-operations.mjs';
import { generatePrismaClient } from './prisma.mjs';
import { generateResolverTypes } from './resolver-types.mjs';

/** What is generated in a workspace: `from` these files and folders (the first says whether there is any), `to` that one. */
const generated = [
  {
    from: ['prisma/schema.prisma'],
    to: 'src/store/generated/client.ts',
    write: generatePrismaClient,
  },
  {
    from: ['schema.graphql', 'src/resolvers/mappers.json'],
    to: 'src/generated/resolver-types.ts',
    write: generateResolverTypes,
  },
  {
    from: ['src/operations', supergraphOfClients],
    to: 'src/generated/graphql.ts',
    write: generateClientOperations,
    afterBuilds: true,
  },
];

/**
 * Writes the code that a workspace's schemas stand for.
 *
 * @param {string} workspace its folder
 * @param {{ onlyStale?: boolean, afterBuilds?: boolean }} [options] with `onlyStale`, where it is missing or older than
 *   its schema; with `afterBuilds` also what is made of what other workspaces build
 */
export async function generateCode(workspace, { onlyStale = false, afterBuilds = false } = {}) {
  for (const { from, to, write, ...entry } of generated) {
    if (entry.afterBuilds && !afterBuilds) continue;
    const sources = from.map((file) => join(workspace, file));
    if (!existsSync(sources[0]) || !existsSync(join(workspace, 'src'))) continue;
    if (onlyStale && isFresh(join(workspace, to), sources)) continue;
    await write(workspace);
  }
}

function isFresh(output, sources) {
  const written = changedAt(output);
  return sources.every((source) => changedAt(source) < written);
}

/** Milliseconds; of a folder that of its newest file or of the folder itself, 0 for what is not there. */
function changedAt(path) {
  const found = statSync(path, { throwIfNoEntry: false });
  if (!found?.isDirectory()) return found?.mtimeMs ?? 0;
  return Math.max(found.mtimeMs, ...readdirSync(path).map((name) => changedAt(join(path, name))));
}
