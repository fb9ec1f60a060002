import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

const notSource = new Set(['node_modules', 'test', '.turbo', '.cache', '.lyceum', 'coverage']);
const rootFiles = ['package.json', 'package-lock.json', 'tsconfig.base.json', 'turbo.json'];

/** Folders that the build writes (turbo.json, outputs). */
const outputs = new Set(['dist', 'generated']);

/**
 * A hash of every file that the build reads, and one of every file that it writes, by path, size and time of change:
 * equal hashes mean that there is nothing to build. It takes milliseconds where asking turbo takes a second.
 *
 * @param {string} root the repository
 * @returns {{ sources: string, outputs: string }} hexadecimal
 */
export function fingerprint(root) {
  const hashes = { sources: createHash('sha256').update(process.version), outputs: createHash('sha256') };
  for (const file of rootFiles) describe(hashes.sources, join(root, file));
  for (const workspace of workspaces(root)) describeFolder(hashes, 'sources', workspace);
  return { sources: hashes.sources.digest('hex'), outputs: hashes.outputs.digest('hex') };
}

/** True where every workspace that has something to bundle has its bundle. */
export function isBuilt(root) {
  return workspaces(root)
    .filter((workspace) => existsSync(join(workspace, 'src', 'main.ts')))
    .every((workspace) => existsSync(join(workspace, 'dist', 'main.js')));
}

function workspaces(root) {
  const { workspaces: patterns } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  return patterns.flatMap((pattern) =>
    pattern.endsWith('/*') ? folders(join(root, pattern.slice(0, -2))) : [join(root, pattern)],
  );
}

function folders(parent) {
  return readdirSync(parent, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => join(parent, name));
}

function describeFolder(hashes, kind, folder) {
  const entries = existsSync(folder) ? readdirSync(folder, { withFileTypes: true }) : [];
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    if (notSource.has(entry.name) || entry.name.endsWith('.md')) continue;
    const path = join(folder, entry.name);
    if (entry.isDirectory()) describeFolder(hashes, outputs.has(entry.name) ? 'outputs' : kind, path);
    else describe(hashes[kind], path);
  }
}

function describe(hash, file) {
  const found = statSync(file, { throwIfNoEntry: false });
  hash.update(`${file}\n${found?.size ?? 'none'}\n${found?.mtimeMs ?? ''}\n`);
}
