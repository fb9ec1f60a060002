import { readFile } from 'node:fs/promises';
import { StartError, type Logger } from '@lyceum/service';
import { watchFile } from '../federation/watch-file.ts';
import { parseManifest, type Manifest } from './manifest.ts';

/** The manifest of a file: loaded anew when it changes; a faulty one is logged, and the current one goes on. */
export interface ManifestFollower {
  current(): Manifest;
  stop(): void;
}

/** @throws StartError when the first one cannot be read. */
export async function followManifest(path: string, logger: Logger): Promise<ManifestFollower> {
  let current = await first(path);

  async function replace(text: string): Promise<void> {
    try {
      current = parseManifest(text);
      logger.info({ operations: current.size }, 'a new manifest of persisted operations is served');
    } catch (error) {
      logger.error({ err: error }, 'the new manifest is refused; the current one goes on');
    }
  }

  const stop = watchFile(path, { logger, what: 'manifest', onChange: replace });
  return { current: () => current, stop };
}

async function first(path: string): Promise<Manifest> {
  try {
    return parseManifest(await readFile(path, 'utf8'));
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new StartError(`The manifest ${path} cannot be served. ${reason}`, { cause });
  }
}
