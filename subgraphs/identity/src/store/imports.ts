import type { Page } from '@lyceum/graphql';
import type { PeopleImport, PeopleImportFault } from './generated/client.ts';
import { placeOf } from './place-of.ts';
import type { Connection } from './store.ts';

export type { PeopleImport, PeopleImportFault };

/** What one step of an import adds to it. */
export interface ImportProgress {
  /** All up to this line is done. */
  readonly line: number;
  readonly rows: number;
  readonly created: number;
  readonly updated: number;
  readonly unchanged: number;
  readonly faultyRows: number;
  readonly faults: number;
}

export interface NewFault {
  readonly line: number;
  readonly column: string | null;
  readonly reason: string;
}

export function importStore(db: Connection) {
  return {
    selectMany: (organisationId: string, ids: readonly string[]) =>
      db.peopleImport.findMany({ where: { organisationId, id: { in: [...ids] } } }),

    /** One page of an organisation's imports, the newest first. */
    selectPage: (organisationId: string, { after, before, backward, limit, ...page }: Page) =>
      db.peopleImport.findMany({
        where: { organisationId, id: placeOf({ ...page, backward, limit, after: before, before: after }) },
        orderBy: { id: backward ? 'asc' : 'desc' },
        take: limit,
      }),

    count: (organisationId: string) => db.peopleImport.count({ where: { organisationId } }),

    selectPageOfFaults: (importId: string, { after, before, backward, limit }: Page) =>
      db.peopleImportFault.findMany({
        where: {
          importId,
          id: {
            ...(after ? { gt: numberOf(after[0]) } : {}),
            ...(before ? { lt: numberOf(before[0]) } : {}),
          },
        },
        orderBy: { id: backward ? 'desc' : 'asc' },
        take: limit,
      }),

    countFaults: (importId: string) => db.peopleImportFault.count({ where: { importId } }),

    insertFaults: (importId: string, faults: readonly NewFault[]) =>
      db.peopleImportFault.createMany({ data: faults.map((fault) => ({ ...fault, importId })) }),

    /** Undefined where one is under way in the organisation. */
    insertOptional: async (job: {
      id: string;
      organisationId: string;
      userId: string;
      fileName: string;
      dryRun: boolean;
      leasedUntil: Date;
    }): Promise<PeopleImport | undefined> => {
      const [inserted] = await db.peopleImport.createManyAndReturn({ data: [job], skipDuplicates: true });
      return inserted;
    },

    /** Adds a piece of the file; 0 where the upload was given up meanwhile. */
    insertPiece: async (
      job: { id: string; organisationId: string },
      place: number,
      content: Buffer,
      leasedUntil: Date,
    ): Promise<number> => {
      const { count } = await db.peopleImport.updateMany({
        where: { ...job, state: 'UPLOADING' },
        data: { bytes: { increment: content.length }, leasedUntil },
      });
      if (count > 0) {
        const bytes = Uint8Array.from(content);
        await db.peopleImportPiece.create({ data: { importId: job.id, place, content: bytes } });
      }
      return count;
    },

    selectPiece: async (importId: string, place: number): Promise<Uint8Array | undefined> => {
      const piece = await db.peopleImportPiece.findUnique({ where: { importId_place: { importId, place } } });
      return piece?.content;
    },

    /** The whole file is there. */
    updateUploaded: async (organisationId: string, id: string): Promise<PeopleImport | undefined> => {
      const [job] = await db.peopleImport.updateManyAndReturn({
        where: { organisationId, id, state: 'UPLOADING' },
        data: { state: 'WAITING' },
      });
      return job;
    },

    /** Forgets an upload that was broken off. */
    deleteUpload: (organisationId: string, id: string) =>
      db.peopleImport.deleteMany({ where: { organisationId, id, state: 'UPLOADING' } }),

    /** Forgets the organisation's uploads of which nothing was heard since their lease ended. */
    deleteLostUploads: (organisationId: string, now: Date) =>
      db.peopleImport.deleteMany({
        where: { organisationId, state: 'UPLOADING', leasedUntil: { lt: now } },
      }),

    /**
     * Takes on the oldest import that waits, or whose worker has not been heard of, of whichever organisation: instances
     * that ask at the same time get different ones.
     */
    claim: async (worker: string, leasedUntil: Date): Promise<PeopleImport | undefined> => {
      const [claimed] = await db.$queryRaw<{ id: string; organisation_id: string }[]>`
        UPDATE people_import SET state = 'RUNNING', worker = ${worker}, leased_until = ${leasedUntil},
          attempts = attempts + 1
        WHERE id = (
          SELECT id FROM people_import
          WHERE state = 'WAITING' OR (state = 'RUNNING' AND leased_until < now())
          ORDER BY created_at LIMIT 1 FOR UPDATE SKIP LOCKED)
        RETURNING id, organisation_id`;
      if (!claimed) return undefined;
      const where = { id: claimed.id, organisationId: claimed.organisation_id };
      return db.peopleImport.findFirstOrThrow({ where });
    },

    /** Notes a step, where the import is still the worker's: 0 where another took it on. */
    updateProgress: async (
      { id, organisationId, worker }: { id: string; organisationId: string; worker: string },
      { line, ...steps }: ImportProgress,
      leasedUntil: Date,
    ): Promise<number> => {
      const increments = Object.entries(steps).map(([name, steps]) => [name, { increment: steps }]);
      const { count } = await db.peopleImport.updateMany({
        where: { id, organisationId, worker, state: 'RUNNING' },
        data: { line, leasedUntil, attempts: 0, ...(Object.fromEntries(increments) as object) },
      });
      return count;
    },

    /** Ends the import and forgets the file: undefined where another worker took it on. */
    updateFinished: async (
      { id, organisationId, worker }: { id: string; organisationId: string; worker: string },
      failure: string | null,
    ): Promise<PeopleImport | undefined> => {
      const [finished] = await db.peopleImport.updateManyAndReturn({
        where: { id, organisationId, worker, state: 'RUNNING' },
        data: { state: failure === null ? 'COMPLETED' : 'FAILED', failure, finishedAt: new Date() },
      });
      if (finished) await db.peopleImportPiece.deleteMany({ where: { importId: id } });
      return finished;
    },
  };
}

/** Of a forged cursor: a place before all. */
function numberOf(value: unknown): bigint {
  return typeof value === 'string' && /^\d{1,18}$/.test(value) ? BigInt(value) : 0n;
}
