import { readFileSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * The jest preset of every workspace: TypeScript through swc, native ES modules, one project a workspace.
 * Run jest with `--experimental-vm-modules`; `lyceum-test` and the root's `npm run test:only` do.
 *
 * @param {{ directory?: string, postgres?: boolean, overrides?: import('jest').Config }} [options]
 *   `postgres` starts one PostgreSQL for the run (see packages/testing).
 * @returns {import('jest').Config}
 */
export function workspaceProject({ directory = process.cwd(), postgres = false, overrides = {} } = {}) {
  const { name } = JSON.parse(readFileSync(resolve(directory, 'package.json'), 'utf8'));
  return {
    displayName: name.replace('@lyceum/', '') || basename(directory),
    rootDir: directory,
    testMatch: ['<rootDir>/test/**/*.test.ts'],
    testEnvironment: 'node',
    testTimeout: 30_000,
    extensionsToTreatAsEsm: ['.ts'],
    modulePathIgnorePatterns: ['<rootDir>/dist/'],
    transformIgnorePatterns: ['/node_modules/'],
    transform: {
      '\\.ts$': [
        import.meta.resolve('@swc/jest').replace('file://', ''),
        {
          sourceMaps: 'inline',
          jsc: {
            target: 'es2023',
            parser: { syntax: 'typescript' },
            experimental: { keepImportAttributes: true },
          },
          module: { type: 'es6' },
        },
      ],
    },
    globalSetup: testing(postgres ? 'start-postgres.mjs' : 'start-run.mjs'),
    ...(postgres ? { globalTeardown: testing('stop-postgres.mjs') } : {}),
    ...overrides,
  };
}

/** By path: packages/testing itself is built with this package, so neither may depend on the other. */
function testing(file) {
  return fileURLToPath(new URL(`../testing/src/jest/${file}`, import.meta.url));
}
