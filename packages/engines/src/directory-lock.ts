import { link, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { EngineError, systemErrorCode } from './errors.ts';
import { identifyProcess } from './process-identity.ts';

/** Who holds a data directory, as written in its lock file. */
export interface DirectoryHolder {
  pid: number;
  startedAt: string;
  command: string;
  /** ISO 8601 instant at which the lock was taken. */
  since: string;
}

/** A data directory held by this process until released. */
export interface DirectoryLock {
  release(): Promise<void>;
}

const LOCK_FILE = 'owner.json';

/**
 * Takes `directory` for this process. A lock left by a dead process (kill -9, power cut) is recognised,
 * by pid and start time, and replaced.
 *
 * @throws EngineError `DIRECTORY_IN_USE`, naming the holder: pid, since when, command.
 */
export async function lockDirectory(directory: string, engine: string): Promise<DirectoryLock> {
  const file = path.join(directory, LOCK_FILE);
  const claim = `${file}.${process.pid}.${Date.now()}`;
  await writeFile(claim, JSON.stringify(await ownClaim(), undefined, 2));
  try {
    while (!(await linked(claim, file))) await removeIfStale(file, directory, engine);
  } finally {
    await rm(claim, { force: true });
  }
  return { release: () => rm(file, { force: true }) };
}

/** The live process that holds `directory`, or undefined. */
export async function findHolder(directory: string): Promise<DirectoryHolder | undefined> {
  const holder = await readHolder(path.join(directory, LOCK_FILE));
  return holder !== undefined && (await isAlive(holder)) ? holder : undefined;
}

async function ownClaim(): Promise<DirectoryHolder> {
  const own = await identifyProcess(process.pid);
  return {
    pid: process.pid,
    startedAt: own?.startedAt ?? '',
    command: own?.command ?? process.argv.join(' '),
    since: new Date().toISOString(),
  };
}

// link(2) makes a complete file appear under the name, or fails: nobody ever reads half a lock.
async function linked(claim: string, file: string): Promise<boolean> {
  try {
    await link(claim, file);
    return true;
  } catch (error) {
    if (systemErrorCode(error) === 'EEXIST') return false;
    throw error;
  }
}

async function removeIfStale(file: string, directory: string, engine: string): Promise<void> {
  const holder = await readHolder(file);
  if (holder !== undefined && (await isAlive(holder))) {
    throw new EngineError('DIRECTORY_IN_USE', describeHolder(holder, directory, engine));
  }
  // Renaming first: of two processes that saw the same stale lock, only one removes it.
  const grave = `${file}.stale.${process.pid}`;
  try {
    await rename(file, grave);
  } catch (error) {
    if (systemErrorCode(error) !== 'ENOENT') throw error;
  }
  await rm(grave, { force: true });
}

async function readHolder(file: string): Promise<DirectoryHolder | undefined> {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as DirectoryHolder;
  } catch {
    // Absent or unreadable: either way nobody who could be named holds it.
    return undefined;
  }
}

async function isAlive(holder: DirectoryHolder): Promise<boolean> {
  const found = await identifyProcess(holder.pid);
  return found?.startedAt === holder.startedAt;
}

function describeHolder(holder: DirectoryHolder, directory: string, engine: string): string {
  return (
    `The ${engine} data in ${directory} is in use by process ${holder.pid} ` +
    `(${holder.command}), running since ${holder.since}. Stop it first, or set LYCEUM_DATA_DIR to another directory.`
  );
}
