import { existsSync, readFileSync } from 'node:fs';
import { workspaceFolders } from './packages/build/workspaces.js';

const workspaces = workspaceFolders(JSON.parse(readFileSync('package.json', 'utf8')).workspaces);

/** Every workspace that has tests is one project, so that `--selectProjects identity` runs one. */
export default {
  projects: workspaces.filter((directory) => existsSync(`${directory}/jest.config.js`)),
  testTimeout: 30_000,
};
