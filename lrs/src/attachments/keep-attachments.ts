import type { AttachmentUse } from '../store/attachments.ts';
import type { Database } from '../store/store.ts';
import type { AttachmentStore, StagedAttachment } from './attachment-store.ts';

/** From staged attachments to kept ones, before the statements that refer to them are appended. */
export interface AttachmentKeeper {
  /**
   * Durable once it resolves. Noted first and stored then: whatever stops in between, and whatever becomes of the
   * statements, the sweep knows of all that there may be.
   *
   * @throws StorageFullError; UnavailableError
   */
  keep(
    organisationId: string,
    staged: readonly StagedAttachment[],
    uses: readonly AttachmentUse[],
  ): Promise<void>;
  /** The log has the statements. */
  confirm(organisationId: string, statementIds: readonly string[]): Promise<void>;
}

/** The organisation's attachments would take more than they may. */
export class StorageFullError extends Error {
  override name = 'StorageFullError';
}

export function createAttachmentKeeper(o: {
  database: Pick<Database, 'attachments' | 'transaction'>;
  store: AttachmentStore;
  /** Bytes of one organisation's attachments together. */
  storageLimit: number;
}): AttachmentKeeper {
  function note(
    organisationId: string,
    staged: readonly StagedAttachment[],
    uses: readonly AttachmentUse[],
  ): Promise<void> {
    return o.database.transaction(async ({ attachments }) => {
      const added = await attachments.insert(organisationId, staged);
      await attachments.insertUses(organisationId, uses);
      if (added === 0) return;
      if (!(await attachments.updateStorage(organisationId, added, o.storageLimit)))
        throw new StorageFullError();
    });
  }

  return {
    async keep(organisationId, staged, uses) {
      if (staged.length === 0) return;
      await note(organisationId, staged, uses);
      for (const each of staged) await o.store.insert(organisationId, each);
    },
    async confirm(organisationId, statementIds) {
      await o.database.attachments.updateConfirmed(organisationId, statementIds);
    },
  };
}
