import { fileURLToPath } from 'node:url';

/** This workspace's folder; tests are never bundled, so that the path holds. */
export const workspaceFolder = fileURLToPath(new URL('..', import.meta.url));

/** The repository. */
export const repository = fileURLToPath(new URL('../..', import.meta.url));
