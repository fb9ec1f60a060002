import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmod, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { unusable } from '../data-directory.ts';
import { EngineError, messageOf, systemErrorCode } from '../errors.ts';
import { giveTo, type Account } from './account.ts';
import type { PostgresBinaries } from './binaries.ts';

const run = promisify(execFile);

/** The one role of a new cluster, its superuser. */
export const POSTGRES_USER = 'lyceum';

/** Where things are inside an embedded PostgreSQL's directory. */
export function clusterPaths(directory: string): { data: string; password: string; draft: string } {
  return {
    data: path.join(directory, 'data'),
    password: path.join(directory, 'password'),
    draft: path.join(directory, 'data.initialising'),
  };
}

/**
 * Creates the cluster on the first start; later, checks that this PostgreSQL can read it.
 * A crash in between leaves only a draft, which the next start throws away.
 *
 * @throws EngineError `DATA_TOO_NEW` (untouched), `DIRECTORY_UNUSABLE`, `ENGINE_FAILED`
 */
export async function prepareCluster(
  directory: string,
  binaries: PostgresBinaries,
  account: Account | undefined,
): Promise<void> {
  const { data } = clusterPaths(directory);
  const version = await readDataVersion(data);
  if (version === undefined) await createCluster(directory, binaries, account);
  else await requireSameMajor(version, data, binaries);
}

/** The password of the embedded PostgreSQL in `directory`. */
export async function readPassword(directory: string): Promise<string> {
  return (await readFile(clusterPaths(directory).password, 'utf8')).trim();
}

async function readDataVersion(data: string): Promise<string | undefined> {
  try {
    return (await readFile(path.join(data, 'PG_VERSION'), 'utf8')).trim();
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT') return undefined;
    throw unusable(data, error);
  }
}

async function requireSameMajor(version: string, data: string, binaries: PostgresBinaries): Promise<void> {
  const { stdout } = await run(binaries.postgres, ['--version'], { cwd: '/' });
  const major = /(\d+)/.exec(stdout)?.[1];
  if (major === version) return;
  throw new EngineError(
    'DATA_TOO_NEW',
    `The data in ${data} was written by PostgreSQL ${version}; this is PostgreSQL ${major ?? 'unknown'}, which can't ` +
      'read it. Nothing was touched. Use the version of Lyceum that wrote it, or set LYCEUM_DATA_DIR to another directory.',
  );
}

async function createCluster(
  directory: string,
  binaries: PostgresBinaries,
  account: Account | undefined,
): Promise<void> {
  const { data, draft } = clusterPaths(directory);
  try {
    await rm(draft, { recursive: true, force: true });
    const password = await writePassword(directory, account);
    await mkdir(draft, { mode: 0o700 });
    await giveTo(account, draft);
    await initialise(binaries, draft, password, account);
    await rename(draft, data);
  } catch (error) {
    await rm(draft, { recursive: true, force: true }).catch(() => undefined);
    throw creationFailure(directory, error);
  }
}

async function writePassword(directory: string, account: Account | undefined): Promise<string> {
  const { password } = clusterPaths(directory);
  await rm(password, { force: true });
  await writeFile(password, `${randomBytes(24).toString('base64url')}\n`, { mode: 0o600, flush: true });
  await chmod(password, 0o600);
  await giveTo(account, password);
  return password;
}

// The builtin C.UTF-8 sorts and folds alike on every operating system; ICU collations stay available by name.
async function initialise(
  binaries: PostgresBinaries,
  data: string,
  passwordFile: string,
  account: Account | undefined,
): Promise<void> {
  const locale = ['--encoding=UTF8', '--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8'];
  const access = [`--username=${POSTGRES_USER}`, '--auth=scram-sha-256', `--pwfile=${passwordFile}`];
  await run(binaries.initdb, [`--pgdata=${data}`, ...locale, ...access], {
    cwd: '/',
    env: { ...process.env, LC_ALL: 'C' },
    ...(account === undefined ? {} : { uid: account.uid, gid: account.gid }),
  });
}

function creationFailure(directory: string, error: unknown): EngineError {
  const code = systemErrorCode(error);
  const words = error instanceof Error && 'stderr' in error ? String(error.stderr).trim() : messageOf(error);
  if (code !== undefined || words.includes('No space left on device')) {
    return unusable(
      directory,
      code === undefined ? Object.assign(new Error(words), { code: 'ENOSPC' }) : error,
    );
  }
  return new EngineError('ENGINE_FAILED', `PostgreSQL could not create its files in ${directory}: ${words}`, {
    cause: error,
  });
}
