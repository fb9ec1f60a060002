import type { Readable } from 'node:stream';
import type { AttachmentKey } from '../store/attachments.ts';

export type { AttachmentKey };

/** A whole attachment in a file of this machine, its hash verified, on its way into the store. */
export interface StagedAttachment {
  /** In lower case hexadecimal. */
  readonly sha2: string;
  readonly bytes: number;
  readonly file: string;
}

/**
 * Where the bytes of attachments lie, each under its organisation and its hash: in files, or in S3. It knows nothing of
 * who refers to them, and forgets nothing by itself. All throw UnavailableError where it can't be reached or is full.
 */
export interface AttachmentStore {
  /** Durable once it resolves. The same bytes again are no fault, at the same time neither. The file may be gone after it. */
  insert(organisationId: string, staged: StagedAttachment): Promise<void>;
  /** The bytes as a stream, which fails where they can't be read to the end; null where there are none. */
  selectOptional(key: AttachmentKey): Promise<Readable | null>;
  /** Does nothing where there are none. */
  delete(key: AttachmentKey): Promise<void>;
  /** Rejects where nothing can be read or written. */
  check(): Promise<void>;
  close(): void;
}
