import type { Connection } from './store.ts';

/** An attachment's bytes, found by whose they are and by their hash: SHA-2 in lower case hexadecimal. */
export interface AttachmentKey {
  readonly organisationId: string;
  readonly sha2: string;
}

/** An attachment, and how many bytes it has. */
export interface SizedAttachment {
  readonly sha2: string;
  readonly bytes: number;
}

/** That a statement refers to an attachment. */
export interface AttachmentUse {
  readonly sha2: string;
  readonly statementId: string;
}

/** A use of which nobody knows whether its statement was accepted. */
export interface UnconfirmedUse extends AttachmentKey, AttachmentUse {
  readonly notedAt: Date;
}

export function attachmentStore(db: Connection) {
  return {
    /**
     * Rows are locked, known ones too, until the transaction ends: the sweep can't take them meanwhile. In order of the
     * hash, so that of two requests with the same attachments one waits for the other.
     *
     * @returns the bytes of those that were not known
     */
    insert: async (organisationId: string, attachments: readonly SizedAttachment[]): Promise<number> => {
      const rows = await db.$queryRaw<{ bytes: bigint; is_new: boolean }[]>`
        INSERT INTO attachment (organisation_id, sha2, bytes)
        SELECT ${organisationId}, sha2, bytes
        FROM unnest(${attachments.map(({ sha2 }) => sha2)}::text[], ${attachments.map(({ bytes }) => BigInt(bytes))}::bigint[])
          AS t (sha2, bytes) ORDER BY sha2
        ON CONFLICT (organisation_id, sha2) DO UPDATE SET bytes = attachment.bytes
        RETURNING bytes, xmax = 0 AS is_new`;
      return rows.reduce((sum, row) => sum + (row.is_new ? Number(row.bytes) : 0), 0);
    },

    /** A use that is known, and was never confirmed, counts as noted now: its statement may be on its way again. */
    insertUses: (organisationId: string, uses: readonly AttachmentUse[]) => db.$executeRaw`
      INSERT INTO attachment_use (organisation_id, sha2, statement_id)
      SELECT DISTINCT ${organisationId}, sha2, id::uuid
      FROM unnest(${uses.map(({ sha2 }) => sha2)}::text[], ${uses.map(({ statementId }) => statementId)}::text[])
        AS t (sha2, id)
      ON CONFLICT (organisation_id, sha2, statement_id) DO UPDATE SET noted_at = now()
      WHERE NOT attachment_use.confirmed`,

    /** Adds to an organisation's sum, unless it would pass the limit; whether it did. */
    updateStorage: async (organisationId: string, bytes: number, limit: number): Promise<boolean> => {
      const changed = await db.$executeRaw`
        INSERT INTO attachment_storage (organisation_id, bytes)
        SELECT ${organisationId}, ${BigInt(bytes)}::bigint WHERE ${BigInt(bytes)}::bigint <= ${BigInt(limit)}::bigint
        ON CONFLICT (organisation_id) DO UPDATE SET bytes = attachment_storage.bytes + EXCLUDED.bytes
        WHERE attachment_storage.bytes + EXCLUDED.bytes <= ${BigInt(limit)}::bigint`;
      return changed === 1;
    },

    /** What an organisation's attachments take, in bytes. */
    selectStorage: async (organisationId: string): Promise<number> =>
      Number((await db.attachmentStorage.findUnique({ where: { organisationId } }))?.bytes ?? 0),

    /** The statements were accepted. */
    updateConfirmed: (organisationId: string, statementIds: readonly string[]) => db.$executeRaw`
      UPDATE attachment_use SET confirmed = true
      WHERE organisation_id = ${organisationId} AND statement_id = ANY(${[...statementIds]}::uuid[]) AND NOT confirmed`,

    /** The statements' text is another now: whether it still refers to the attachments is to be looked up. */
    updateUnconfirmed: (organisationId: string, statementIds: readonly string[], notedAt: Date) =>
      db.$executeRaw`
      UPDATE attachment_use SET confirmed = false, noted_at = ${notedAt}
      WHERE organisation_id = ${organisationId} AND statement_id = ANY(${[...statementIds]}::uuid[])`,

    /** Of these hashes, what the store has. */
    select: async (organisationId: string, sha2s: readonly string[]): Promise<SizedAttachment[]> => {
      const where = { organisationId, sha2: { in: [...sha2s] } };
      const found = await db.attachment.findMany({ where, select: { sha2: true, bytes: true } });
      return found.map(({ sha2, bytes }) => ({ sha2, bytes: Number(bytes) }));
    },

    /** Which attachments these statements refer to. */
    selectUses: (organisationId: string, statementIds: readonly string[]): Promise<AttachmentUse[]> =>
      db.attachmentUse.findMany({
        where: { organisationId, statementId: { in: [...statementIds] } },
        select: { sha2: true, statementId: true },
      }),

    /** Whether any statement of an organisation refers to an attachment. */
    selectHasUses: async (organisationId: string): Promise<boolean> =>
      (await db.attachmentUse.findFirst({ where: { organisationId }, select: { sha2: true } })) !== null,

    /** The oldest uses that were noted before a time. */
    selectUnconfirmed: async (before: Date, count: number): Promise<UnconfirmedUse[]> =>
      db.attachmentUse.findMany({
        where: { confirmed: false, notedAt: { lt: before } },
        orderBy: { notedAt: 'asc' },
        take: count,
      }),

    /** Until the transaction ends, nobody refers to the attachment anew. */
    lock: ({ organisationId, sha2 }: AttachmentKey) => db.$queryRaw`
      SELECT 1 FROM attachment WHERE organisation_id = ${organisationId} AND sha2 = ${sha2} FOR UPDATE`,

    updateUse: ({ organisationId, sha2, statementId }: UnconfirmedUse) =>
      db.attachmentUse.updateMany({
        where: { organisationId, sha2, statementId },
        data: { confirmed: true },
      }),

    /** Unless it was confirmed or noted again meanwhile. */
    deleteUse: ({ organisationId, sha2, statementId, notedAt }: UnconfirmedUse) =>
      db.attachmentUse.deleteMany({
        where: { organisationId, sha2, statementId, notedAt, confirmed: false },
      }),

    /** Forgets an attachment (locked) that no statement refers to any more; whether there was one. */
    deleteUnused: async ({ organisationId, sha2 }: AttachmentKey): Promise<boolean> => {
      const [gone] = await db.$queryRaw<{ bytes: bigint }[]>`
        DELETE FROM attachment a WHERE organisation_id = ${organisationId} AND sha2 = ${sha2}
          AND NOT EXISTS (SELECT FROM attachment_use u
            WHERE u.organisation_id = a.organisation_id AND u.sha2 = a.sha2)
        RETURNING bytes`;
      if (gone === undefined) return false;
      await db.$executeRaw`
        UPDATE attachment_storage SET bytes = bytes - ${gone.bytes}::bigint WHERE organisation_id = ${organisationId}`;
      return true;
    },
  };
}
