import { existsSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import { prepareDirectory } from '@lyceum/engines';
import { StartFault } from '../start-fault.ts';

/** What the engines take on a first start, and room to work in. */
const neededMegabytes = 512;

/**
 * Makes sure that the data directory has room and takes writes, before anything is written there.
 *
 * @throws StartFault, EngineError
 */
export async function requireUsableDirectory(directory: string): Promise<void> {
  const { bavail, bsize } = await statfs(nearestExisting(directory));
  const free = Math.floor((bavail * bsize) / 2 ** 20);
  if (free < neededMegabytes) {
    throw new StartFault(
      `The disk of ${directory} is almost full: ${free} MB are free, ${neededMegabytes} MB are needed. ` +
        'Free some, or set LYCEUM_DATA_DIR to a directory on another disk.',
    );
  }
  await prepareDirectory(directory);
}

function nearestExisting(path: string): string {
  return existsSync(path) ? path : nearestExisting(dirname(path));
}
