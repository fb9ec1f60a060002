import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { AttachmentStore } from './attachment-store.ts';
import { createFileStore } from './file-store.ts';
import { parseS3Url } from './s3-address.ts';
import { createS3Store } from './s3-store.ts';
import { createStaging, type Staging } from './staging.ts';

export interface OpenAttachments {
  readonly store: AttachmentStore;
  readonly staging: Staging;
}

/**
 * The store of attachments: in S3 where a URL says so, else in files. Staged files lie beside it, within one file system.
 *
 * @param directory LYCEUM_DATA_DIR
 * @param limit bytes of one attachment
 */
export async function openAttachments(
  directory: string,
  s3Url: string | undefined,
  limit: number,
): Promise<OpenAttachments> {
  const root = join(directory, 'attachments');
  await mkdir(root, { recursive: true });
  const staging = await createStaging(join(root, 'incoming'), limit);
  const store =
    s3Url === undefined ? await createFileStore(join(root, 'kept')) : await createS3Store(parseS3Url(s3Url));
  return { store, staging };
}
