import { existsSync, readdirSync } from 'node:fs';

/**
 * The folders that npm workspace patterns name (`gateway`, `packages/*`); Node 20 has no glob of its own.
 *
 * @param {string[]} patterns
 * @returns {string[]}
 */
export function workspaceFolders(patterns) {
  return patterns
    .flatMap((pattern) => {
      if (!pattern.endsWith('/*')) return [pattern];
      const parent = pattern.slice(0, -2);
      return readdirSync(parent).map((name) => `${parent}/${name}`);
    })
    .filter((directory) => existsSync(`${directory}/package.json`));
}
