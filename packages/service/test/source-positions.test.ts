import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, test } from '@jest/globals';
import { withSourcePositions } from '../src/source-positions.ts';

/** A bundle whose third line was the fifth character of the seventh line of src/thing.ts. */
function bundle({ map }: { map: string }): { folder: string; url: string } {
  const folder = mkdtempSync(join(tmpdir(), 'lyceum-positions-'));
  mkdirSync(join(folder, 'dist'));
  const file = join(folder, 'dist', 'main.js');
  writeFileSync(`${file}.map`, map);
  return { folder, url: pathToFileURL(file).href };
}

const map = JSON.stringify({ version: 3, sources: ['../src/thing.ts'], names: [], mappings: ';;AAMI' });

test('what lies in a bundle is named by its place in the sources', () => {
  const { folder, url } = bundle({ map });
  expect(withSourcePositions(`Error: no\n    at thing (${url}:3:1)\n    at async ${url}:3:1`)).toBe(
    `Error: no\n    at thing (${folder}/src/thing.ts:7:5)\n    at async ${folder}/src/thing.ts:7:5`,
  );
});

test('a stack is left as it is where there is no map, or none that can be read', () => {
  const { url } = bundle({ map: '{"version": 3,' });
  const stack = `Error: no
    at thing (${url}:3:1)
    at other (file:///nowhere/dist/main.js:3:1)
    at library (file:///app/node_modules/library/index.js:1:1)
    at node:internal/process/task_queues:95:5`;
  expect(withSourcePositions(stack)).toBe(stack);
});
