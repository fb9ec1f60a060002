import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { root, runNode } from './start-process.ts';

let repository: string;
const source = () => join(repository, 'app/src/main.ts');

/** In turbo's place: bundles, notes what it has read, and saves a file afterwards where a test asks for that. */
const turbo = `
  const { appendFileSync, mkdirSync, readFileSync, writeFileSync } = require('node:fs');
  const source = readFileSync('app/src/main.ts', 'utf8');
  appendFileSync('builds', source + ' ');
  mkdirSync('app/dist', { recursive: true });
  writeFileSync('app/dist/main.js', source);
  if (process.env.SAVED_MEANWHILE) writeFileSync('app/src/main.ts', process.env.SAVED_MEANWHILE);
`;

beforeEach(() => {
  repository = mkdtempSync(join(tmpdir(), 'lyceum-build-'));
  cpSync(join(root, 'local/launch'), join(repository, 'local/launch'), { recursive: true });
  for (const folder of ['app/src', 'node_modules/turbo/bin'])
    mkdirSync(join(repository, folder), { recursive: true });
  writeFileSync(join(repository, 'package.json'), JSON.stringify({ workspaces: ['app'] }));
  writeFileSync(join(repository, 'node_modules/turbo/bin/turbo'), turbo);
  writeFileSync(source(), 'first');
});

afterEach(() => {
  rmSync(repository, { recursive: true });
});

/** What was built so far, after another start. */
async function builds(env: NodeJS.ProcessEnv = {}): Promise<string> {
  const build = join(repository, 'local/launch/build.mjs');
  const started = runNode(
    ['--input-type=module', '-e', `import { buildWhatChanged } from '${build}'; await buildWhatChanged();`],
    env,
  );
  expect(await started.ended).toBe(0);
  return readFileSync(join(repository, 'builds'), 'utf8').trim();
}

test('nothing is built where no file changed', async () => {
  expect(await builds()).toBe('first');
  expect(await builds()).toBe('first');
  writeFileSync(source(), 'second');
  expect(await builds()).toBe('first second');
});

test('a bundle that was deleted or changed is built again', async () => {
  await builds();
  writeFileSync(join(repository, 'app/dist/main.js'), 'something else');
  expect(await builds()).toBe('first first');
  rmSync(join(repository, 'app/dist'), { recursive: true });
  expect(await builds()).toBe('first first first');
});

test('a file that is saved while it builds is built by the next start', async () => {
  expect(await builds({ SAVED_MEANWHILE: 'second' })).toBe('first');
  expect(await builds()).toBe('first second');
  expect(await builds()).toBe('first second');
});
