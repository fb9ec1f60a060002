import { watch } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import type { Logger } from '@lyceum/service';

/**
 * Calls `onChange` with the file's text after each change, once writing has settled.
 *
 * The folder is watched, not the file: editors and Kubernetes replace a file by renaming another over it, which
 * a watch of the file itself would not survive.
 *
 * @param settleMs how long nothing may have been written before the file is read.
 * @returns how to stop watching.
 */
export function watchFile(
  path: string,
  options: {
    logger: Logger;
    /** What is in it, as the log calls it. */
    what: string;
    onChange: (text: string) => Promise<unknown>;
    settleMs?: number;
  },
): () => void {
  const { logger, what, onChange, settleMs = 150 } = options;
  let settled: NodeJS.Timeout | undefined;
  let reading = Promise.resolve();

  const read = async () => {
    try {
      await onChange(await readFile(path, 'utf8'));
    } catch (error) {
      logger.warn({ err: error, path }, `the ${what} file cannot be read; the current one goes on`);
    }
  };
  const watcher = watch(dirname(path), (_event, file) => {
    // A ConfigMap volume changes by its `..data` link, so that the name says little there.
    if (file !== null && file !== basename(path) && !file.startsWith('..')) return;
    clearTimeout(settled);
    settled = setTimeout(() => {
      reading = reading.then(read);
    }, settleMs);
  });
  return () => {
    clearTimeout(settled);
    watcher.close();
  };
}
