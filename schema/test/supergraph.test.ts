import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { breakingChanges, composeSupergraph, readSubgraphs, unaccepted } from '../src/index.ts';
import { repository, workspaceFolder } from './workspace.ts';

const file = join(workspaceFolder, 'supergraph.graphql');

describe('the committed supergraph', () => {
  test('is what the subgraphs compose to (npm run build --workspace schema writes it)', async () => {
    expect(readFileSync(file, 'utf8')).toBe(composeSupergraph(await readSubgraphs(repository)));
  });

  test('breaks no client of the last commit, unless accepted-breaking-changes.txt says so', async () => {
    const before = committed();
    if (before === undefined) return;
    const changes = breakingChanges(before, composeSupergraph(await readSubgraphs(repository)));
    const accepted = readFileSync(join(workspaceFolder, 'accepted-breaking-changes.txt'), 'utf8');
    expect(unaccepted(changes, accepted)).toEqual([]);
  });
});

/** Undefined where there is no git, or nothing committed yet: a source archive, the very first build. */
function committed(): string | undefined {
  try {
    return execFileSync('git', ['show', 'HEAD:schema/supergraph.graphql'], {
      cwd: repository,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
  } catch {
    return undefined;
  }
}
