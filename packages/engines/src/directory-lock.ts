import { createHash, randomUUID } from 'node:crypto';
import { link, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
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
const SUCCESSION = 'next';

/**
 * Takes `directory` for this process. A lock left by a dead process (kill -9, power cut) is recognised,
 * by pid and start time, and replaced.
 *
 * @throws EngineError `DIRECTORY_IN_USE`, naming the holder: pid, since when, command.
 */
export async function lockDirectory(directory: string, engine: string): Promise<DirectoryLock> {
  const file = path.join(directory, LOCK_FILE);
  const claim = `${file}.${process.pid}.${randomUUID()}`;
  await writeFile(claim, JSON.stringify(await ownClaim(), undefined, 2));
  const refuse = (holder: DirectoryHolder) =>
    new EngineError('DIRECTORY_IN_USE', describeHolder(holder, directory, engine));
  try {
    while (!((await linked(claim, file)) || (await inherited(claim, file, refuse))));
  } finally {
    await rm(claim, { force: true });
  }
  return { release: () => rm(file, { force: true }) };
}

/** The live process that holds `directory`, or undefined. */
export async function findHolder(directory: string): Promise<DirectoryHolder | undefined> {
  return livingHolder((await textOf(path.join(directory, LOCK_FILE))) ?? '');
}

/**
 * The right to replace the lock that reads `text`, as a file that only one can link. Tests leave one there, as a
 * process does that dies in between.
 */
export function successionTo(file: string, text: string): string {
  return `${file}.${SUCCESSION}.${createHash('sha256').update(text).digest('hex').slice(0, 32)}`;
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

/**
 * Replaces a lock whose holder is dead. To remove it first would be wrong: who read it a moment earlier would remove the
 * lock that took its place. Instead the right to replace exactly this lock is linked, which one process can; it looks
 * whether the lock still stands, since an earlier heir may be done with it by now; and moves the right over the lock.
 * An heir that died before that is followed in the same way.
 *
 * @returns false where the lock is no longer what it was: look again
 * @throws what `refuse` makes of a living holder or heir
 */
async function inherited(
  claim: string,
  file: string,
  refuse: (holder: DirectoryHolder) => Error,
): Promise<boolean> {
  const stale = await textOf(file);
  const right = stale === undefined ? undefined : await linkRight(claim, file, stale, refuse);
  if (right === undefined) return false;
  if ((await textOf(file)) !== stale) {
    await rm(right, { force: true });
    return false;
  }
  await rename(right, file);
  await removeRights(file);
  return true;
}

/** The right that was linked: to replace the lock that reads `text`, or what an heir to it has left. */
async function linkRight(
  claim: string,
  file: string,
  text: string,
  refuse: (holder: DirectoryHolder) => Error,
): Promise<string | undefined> {
  const holder = await livingHolder(text);
  if (holder) throw refuse(holder);
  const right = successionTo(file, text);
  if (await linked(claim, right)) return right;
  const heir = await textOf(right);
  return heir === undefined ? undefined : linkRight(claim, file, heir, refuse);
}

/** Of heirs that died; a living one finds that the lock has changed. */
async function removeRights(file: string): Promise<void> {
  const directory = path.dirname(file);
  const names = await readdir(directory);
  const rights = names.filter((name) => name.startsWith(`${path.basename(file)}.${SUCCESSION}.`));
  await Promise.all(rights.map((name) => rm(path.join(directory, name), { force: true })));
}

/** Undefined where there is no such file; empty where it can't be read. */
async function textOf(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    return systemErrorCode(error) === 'ENOENT' ? undefined : '';
  }
}

/** Who wrote this, if they still live; of what is no lock, nobody. */
async function livingHolder(text: string): Promise<DirectoryHolder | undefined> {
  try {
    const holder = JSON.parse(text) as DirectoryHolder;
    const found = await identifyProcess(holder.pid);
    return found?.startedAt === holder.startedAt ? holder : undefined;
  } catch {
    return undefined;
  }
}

function describeHolder(holder: DirectoryHolder, directory: string, engine: string): string {
  return (
    `The ${engine} data in ${directory} is in use by process ${holder.pid} ` +
    `(${holder.command}), running since ${holder.since}. Stop it first, or set LYCEUM_DATA_DIR to another directory.`
  );
}
