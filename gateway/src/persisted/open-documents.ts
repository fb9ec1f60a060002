import { resolve } from 'node:path';
import type { Logger } from '@lyceum/service';
import { createKnownDocuments, type KnownDocuments } from './known-documents.ts';
import { followManifest } from './manifest-file.ts';

/**
 * As the environment says it: without a manifest, what clients have shown is remembered.
 *
 * @throws StartError when the manifest cannot be read.
 */
export async function openDocuments(
  env: {
    readonly PERSISTED_OPERATIONS?: string | undefined;
    readonly PERSISTED_OPERATIONS_ONLY: '0' | '1';
    /** Where a relative path begins; absent: where the process runs. */
    readonly INIT_CWD?: string;
  },
  logger: Logger,
): Promise<{ documents: KnownDocuments; stop: () => void }> {
  if (env.PERSISTED_OPERATIONS === undefined)
    return { documents: createKnownDocuments({}), stop: () => undefined };
  const path = resolve(env.INIT_CWD ?? '', env.PERSISTED_OPERATIONS);
  const manifest = await followManifest(path, logger);
  const only = env.PERSISTED_OPERATIONS_ONLY === '1';
  return {
    documents: createKnownDocuments({ manifest: () => manifest.current(), only }),
    stop: () => {
      manifest.stop();
    },
  };
}
