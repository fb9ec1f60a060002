import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { buildSchema, lexicographicSortSchema, printSchema, type GraphQLSchema } from 'graphql';
import { apiSchema } from '../breaking-changes.ts';
import { composeSupergraph } from '../compose.ts';
import { readSubgraphs } from '../subgraphs.ts';
import { allowedHeader, parseAllowed } from './allowed.ts';
import { compare, type Change } from './compare.ts';
import { readOperationsInUse } from './operations-in-use.ts';
import { report, type Report } from './report.ts';

const releasedFile = 'schema/released.graphql';
const allowedFile = 'schema/allowed-since-release.txt';

/** The subgraphs as they are, composed, against the last release. @param root the repository */
export async function checkAgainstReleased(root: string): Promise<Report & { changes: readonly Change[] }> {
  const released = buildSchema(await readFile(join(root, releasedFile), 'utf8'));
  const allowed = parseAllowed(await readFile(join(root, allowedFile), 'utf8'));
  const changes = await compare(released, await graphOfNow(root), await readOperationsInUse(root));
  return { changes, ...report(changes, allowed) };
}

/** Makes what clients see now the last release; nothing is allowed any more. */
export async function release(root: string): Promise<void> {
  await writeFile(
    join(root, releasedFile),
    `${printSchema(lexicographicSortSchema(await graphOfNow(root)))}\n`,
  );
  await writeFile(join(root, allowedFile), allowedHeader);
}

async function graphOfNow(root: string): Promise<GraphQLSchema> {
  return apiSchema(composeSupergraph(await readSubgraphs(root)));
}
