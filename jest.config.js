import { existsSync, readFileSync } from 'node:fs';
import { workspaceFolders } from './packages/build/workspaces.js';

const workspaces = workspaceFolders(JSON.parse(readFileSync('package.json', 'utf8')).workspaces);

/** Every workspace that has tests is one project, so that `--selectProjects identity` runs one. */
export default {
  projects: workspaces.filter((directory) => existsSync(`${directory}/jest.config.js`)),
  testTimeout: 30_000,
  // A test that fails midway may leave a server or a child running; the run ends all the same, and has failed.
  forceExit: true,
};
