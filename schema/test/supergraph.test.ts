import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
// By path: what is composed here is built first of all, and depends on no other workspace.
import { earlierCommits, fileAt } from '../../packages/testing/src/earlier-commits.ts';
import { breakingChanges, composeSupergraph, readSubgraphs, unaccepted } from '../src/index.ts';
import { repository, workspaceFolder } from './workspace.ts';

const path = 'schema/supergraph.graphql';
const { commits, missing } = earlierCommits(path, { directory: repository });

describe('the committed supergraph', () => {
  test('is what the subgraphs compose to (npm run build --workspace schema writes it)', async () => {
    const committed = readFileSync(join(repository, path), 'utf8');
    expect(committed).toBe(composeSupergraph(await readSubgraphs(repository)));
  });
});

describe('the graph breaks no client, unless accepted-breaking-changes.txt says so', () => {
  const accepted = readFileSync(join(workspaceFolder, 'accepted-breaking-changes.txt'), 'utf8');

  for (const commit of commits) {
    test(`since ${commit.name}`, async () => {
      const now = composeSupergraph(await readSubgraphs(repository));
      const changes = breakingChanges(fileAt(commit, path, repository), now);
      expect(unaccepted(changes, accepted)).toEqual([]);
    });
  }

  if (missing !== undefined) test.skip(`since any commit before HEAD: ${missing}`, () => undefined);
});
