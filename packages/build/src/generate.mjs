import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { generatePrismaClient } from './prisma.mjs';
import { generateResolverTypes } from './resolver-types.mjs';

/** What is generated in a workspace: `from` these files (the first of which says whether there is any), `to` that one. */
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
];

/**
 * Writes the code that a workspace's schemas stand for.
 *
 * @param {string} workspace its folder
 * @param {{ onlyStale?: boolean }} [options] with `onlyStale`, where it is missing or older than its schema
 */
export async function generateCode(workspace, { onlyStale = false } = {}) {
  for (const { from, to, write } of generated) {
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

/** Milliseconds; 0 for what is not there. */
function changedAt(file) {
  return statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}
