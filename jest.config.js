import { existsSync, readFileSync } from 'node:fs';
import { workspaceFolders } from './packages/build/workspaces.js';

const workspaces = workspaceFolders(JSON.parse(readFileSync('package.json', 'utf8')).workspaces);

/** Every workspace that has tests is one project, so that `--selectProjects identity` runs one. */
export default {
  projects: workspaces.filter((directory) => existsSync(`${directory}/jest.config.js`)),
  testTimeout: 30_000,
  // Much of a test is waiting for an engine. More at a time would need as many gigabytes as they start systems.
  maxWorkers: 2,
  // jest's modules of a test file are never quite freed: a worker that has grown is replaced between two files.
  workerIdleMemoryLimit: '1.5GB',
  // A test that fails midway may leave a server or a child running; the run ends all the same, and has failed.
  forceExit: true,
};
