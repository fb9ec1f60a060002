import { constants } from 'node:fs';
import { access, mkdir, open, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { UnavailableError } from '../query/unavailable-error.ts';
import type { AttachmentKey, AttachmentStore } from './attachment-store.ts';
import { safeName } from './safe-name.ts';

/**
 * Attachments as files: `<directory>/<organisation>/<first two digits>/<hash>`. Staged files lie on the same file system,
 * so that to put one in its place is to rename it. Several machines may share the directory.
 */
export async function createFileStore(directory: string): Promise<AttachmentStore> {
  await mkdir(directory, { recursive: true });
  const fileOf = ({ organisationId, sha2 }: AttachmentKey) =>
    join(directory, safeName(organisationId), sha2.slice(0, 2), sha2);
  return {
    insert: (organisationId, { sha2, file }) =>
      orUnavailable(async () => {
        const place = fileOf({ organisationId, sha2 });
        await makeDirectories(dirname(place), directory);
        // Its bytes are on the disk (staging); whoever is there already has the same ones.
        await rename(file, place);
        await syncDirectory(dirname(place));
      }),
    selectOptional: (key) =>
      orUnavailable(async () => {
        const handle = await open(fileOf(key)).catch(nullIfAbsent);
        return handle?.createReadStream() ?? null;
      }),
    delete: (key) => orUnavailable(() => rm(fileOf(key), { force: true })),
    check: () => access(directory, constants.R_OK | constants.W_OK),
    close: () => undefined,
  };
}

/** A directory is there after a power cut only once the one that holds it is on the disk. */
async function makeDirectories(directory: string, root: string): Promise<void> {
  const first = await mkdir(directory, { recursive: true });
  if (first === undefined) return;
  for (let each = directory; each !== root; each = dirname(each)) await syncDirectory(dirname(each));
}

async function syncDirectory(directory: string): Promise<void> {
  const handle = await open(directory);
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

function nullIfAbsent(error: NodeJS.ErrnoException): null {
  if (error.code === 'ENOENT') return null;
  throw error;
}

async function orUnavailable<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw new UnavailableError('The store of attachments', error);
  }
}
