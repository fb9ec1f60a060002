import type { SizedAttachment } from './attachments.ts';
import type { Connection } from './store.ts';

/** A part of a job's file. */
export interface JobFile extends SizedAttachment {
  readonly place: number;
}

/** A part that counts no more, and whose it was. */
export interface SpentFile {
  readonly jobId: string;
  readonly sha2: string;
}

export function storeJobFileStore(db: Connection) {
  return {
    /** Before its bytes are stored: whatever stops after it, they are known of. */
    insert: (jobId: string, { sha2, bytes }: SizedAttachment) =>
      db.storeJobFile.createMany({ data: [{ jobId, sha2, bytes: BigInt(bytes) }], skipDuplicates: true }),

    /** From now on it is the part of its place, instead of any other. */
    updatePlace: async (jobId: string, sha2: string, place: number): Promise<void> => {
      await db.storeJobFile.updateMany({ where: { jobId, place }, data: { place: null } });
      await db.storeJobFile.update({ where: { jobId_sha2: { jobId, sha2 } }, data: { place } });
    },

    /** The parts in their order. */
    selectMany: async (jobId: string): Promise<JobFile[]> => {
      const rows = await db.storeJobFile.findMany({
        where: { jobId, place: { not: null } },
        orderBy: { place: 'asc' },
      });
      return rows.map(({ sha2, bytes, place }) => ({ sha2, bytes: Number(bytes), place: place ?? 0 }));
    },

    /** No part is one any more: the work begins anew. */
    updateNone: (jobId: string) => db.storeJobFile.updateMany({ where: { jobId }, data: { place: null } }),

    /** Files that nobody can want: of jobs that ended before then and have none to give out. */
    selectManySpent: (endedBefore: Date, limit: number): Promise<SpentFile[]> =>
      db.storeJobFile.findMany({
        where: {
          job: {
            state: { notIn: ['WAITING', 'RUNNING'] },
            NOT: { kind: 'EXPORT', state: 'DONE' },
            updatedAt: { lt: endedBefore },
          },
        },
        select: { jobId: true, sha2: true },
        take: limit,
      }),

    delete: ({ jobId, sha2 }: SpentFile) => db.storeJobFile.deleteMany({ where: { jobId, sha2 } }),

    /** Of these attachments, those that the export has not written. */
    selectUnwrittenAttachments: async (jobId: string, sha2s: readonly string[]): Promise<Set<string>> => {
      const where = { jobId, sha2: { in: [...sha2s] } };
      const written = new Set((await db.storeJobAttachment.findMany({ where })).map(({ sha2 }) => sha2));
      return new Set(sha2s.filter((sha2) => !written.has(sha2)));
    },

    insertAttachments: (jobId: string, sha2s: readonly string[]) =>
      db.storeJobAttachment.createMany({
        data: sha2s.map((sha2) => ({ jobId, sha2 })),
        skipDuplicates: true,
      }),

    deleteAttachments: (jobId: string) => db.storeJobAttachment.deleteMany({ where: { jobId } }),
  };
}
