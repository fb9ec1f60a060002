import type { Page } from '@lyceum/graphql';
import type { PersonalDataDone, PersonalDataPiece, PersonalDataReport } from '@lyceum/events/personal-data';
import type { PrivacyJob as JobRow, PrivacyJobPart as PartRow } from './generated/client.ts';
import { placeOf } from './place-of.ts';
import type { Connection } from './store.ts';

export type { PersonalDataReport };

export interface PrivacyJobPart extends Omit<PartRow, 'report'> {
  readonly report: readonly PersonalDataReport[];
}

export interface PrivacyJob extends JobRow {
  readonly parts: readonly PrivacyJobPart[];
}

/** A file of an archive: its pieces follow each other. */
export interface ArchiveFile {
  readonly service: string;
  readonly file: string;
  readonly first: number;
  readonly last: number;
}

/** Which job it is. */
export type PrivacyJobKey = Pick<JobRow, 'organisationId' | 'id'>;

export interface NewPrivacyJob {
  readonly id: string;
  readonly organisationId: string;
  readonly userId: string;
  readonly kind: 'EXPORT' | 'ERASURE';
  readonly requestedBy: string;
  readonly tellsPerson: boolean;
  readonly emails: readonly string[];
}

const withParts = { include: { parts: { orderBy: { service: 'asc' } } } } as const;

export function privacyJobStore(db: Connection) {
  return {
    selectMany: async (organisationId: string, ids: readonly string[]): Promise<PrivacyJob[]> =>
      (await db.privacyJob.findMany({ where: { organisationId, id: { in: [...ids] } }, ...withParts })).map(
        jobOf,
      ),

    /** One page of an organisation's jobs, or of those about one person, the newest first. */
    selectPage: async (
      organisationId: string,
      about: { userId?: string; kind?: string },
      { after, before, backward, limit, ...page }: Page,
    ): Promise<PrivacyJob[]> => {
      const rows = await db.privacyJob.findMany({
        where: {
          organisationId,
          ...about,
          id: placeOf({ ...page, backward, limit, after: before, before: after }),
        },
        orderBy: { id: backward ? 'asc' : 'desc' },
        take: limit,
        ...withParts,
      });
      return rows.map(jobOf);
    },

    count: (organisationId: string, about: { userId?: string; kind?: string }) =>
      db.privacyJob.count({ where: { organisationId, ...about } }),

    /** Undefined where one of the kind is open for the person. */
    insertOptional: async ({ emails, ...job }: NewPrivacyJob, services: readonly string[]) => {
      const data = { ...job, emails: [...emails] };
      const [row] = await db.privacyJob.createManyAndReturn({ data: [data], skipDuplicates: true });
      if (!row) return undefined;
      await db.privacyJobPart.createMany({ data: services.map((service) => ({ jobId: job.id, service })) });
      return db.privacyJob
        .findUniqueOrThrow({ where: { organisationId: job.organisationId, id: job.id }, ...withParts })
        .then(jobOf);
    },

    /** The open one of the kind, held until the transaction ends. */
    lockOpen: async (
      organisationId: string,
      userId: string,
      kind: string,
    ): Promise<PrivacyJob | undefined> => {
      const [row] = await db.$queryRaw<{ id: string }[]>`
        SELECT id FROM privacy_job
        WHERE organisation_id = ${organisationId} AND user_id = ${userId} AND kind = ${kind}
          AND state IN ('RUNNING', 'FAILED')
        FOR UPDATE`;
      return (
        row &&
        db.privacyJob.findUniqueOrThrow({ where: { organisationId, id: row.id }, ...withParts }).then(jobOf)
      );
    },

    /** A job of the organisation's, held until the transaction ends: whatever is told of it comes one by one. */
    lock: async (organisationId: string, id: string): Promise<PrivacyJob | undefined> => {
      const rows = await db.$queryRaw<unknown[]>`
        SELECT 1 FROM privacy_job WHERE organisation_id = ${organisationId} AND id = ${id} FOR UPDATE`;
      if (rows.length === 0) return undefined;
      return db.privacyJob.findUniqueOrThrow({ where: { organisationId, id }, ...withParts }).then(jobOf);
    },

    /** A piece that comes again is the same piece. */
    insertPiece: ({ jobId, service, place, file, content }: PersonalDataPiece) =>
      db.privacyJobPiece.createMany({
        data: [{ jobId, service, place, file, content }],
        skipDuplicates: true,
      }),

    countPieces: (jobId: string, service: string) => db.privacyJobPiece.count({ where: { jobId, service } }),

    /** What the service says of its part. */
    updateTold: ({ jobId, service, pieces, report, failure }: PersonalDataDone) =>
      db.privacyJobPart.update({
        where: { jobId_service: { jobId, service } },
        data: { pieces, report: report.map((row) => ({ ...row })), failure: failure ?? null },
      }),

    updatePartEnded: (jobId: string, service: string, state: 'DONE' | 'FAILED') =>
      db.privacyJobPart.update({
        where: { jobId_service: { jobId, service } },
        data: { state, finishedAt: new Date() },
      }),

    /** Those parts did not answer. */
    updatePartsFailed: (jobId: string, services: readonly string[], failure: string) =>
      db.privacyJobPart.updateMany({
        where: { jobId, service: { in: [...services] }, state: 'WAITING' },
        data: { state: 'FAILED', failure, finishedAt: new Date() },
      }),

    updateEnded: ({ organisationId, id }: PrivacyJobKey, state: 'DONE' | 'FAILED', expiresAt: Date | null) =>
      db.privacyJob.update({
        where: { organisationId, id },
        data: { state, finishedAt: new Date(), expiresAt },
      }),

    updateTellsPerson: ({ organisationId, id }: PrivacyJobKey) =>
      db.privacyJob.update({ where: { organisationId, id }, data: { tellsPerson: true } }),

    /** The parts that failed are to be done after all. */
    updateReopened: async ({ organisationId, id }: PrivacyJobKey): Promise<PrivacyJob> => {
      await db.privacyJobPart.updateMany({
        where: { jobId: id, state: 'FAILED' },
        data: { state: 'WAITING', pieces: null, failure: null, finishedAt: null },
      });
      const data = { state: 'RUNNING', finishedAt: null, expiresAt: null, askedAt: new Date(), asks: 1 };
      return jobOf(await db.privacyJob.update({ where: { organisationId, id }, data, ...withParts }));
    },

    updateAsked: ({ organisationId, id }: PrivacyJobKey) =>
      db.privacyJob.update({
        where: { organisationId, id },
        data: { askedAt: new Date(), asks: { increment: 1 } },
      }),

    /** Of whichever organisation, jobs whose services were asked before then and have not all answered. */
    selectUnanswered: async (askedBefore: Date, limit: number): Promise<PrivacyJob[]> => {
      const where = { state: 'RUNNING', askedAt: { lt: askedBefore } };
      const rows = await db.privacyJob.findMany({
        where,
        orderBy: { askedAt: 'asc' },
        take: limit,
        ...withParts,
      });
      return rows.map(jobOf);
    },

    /** Of whichever organisation, jobs in which it is identity's turn: in an erasure, when all others are done. */
    selectDue: async (limit: number): Promise<PrivacyJob[]> => {
      const due = await db.$queryRaw<{ id: string }[]>`
        SELECT j.id FROM privacy_job j
        WHERE j.state = 'RUNNING'
          AND EXISTS (SELECT FROM privacy_job_part p
                      WHERE p.job_id = j.id AND p.service = 'identity' AND p.state = 'WAITING')
          AND (j.kind = 'EXPORT' OR NOT EXISTS (
                SELECT FROM privacy_job_part p
                WHERE p.job_id = j.id AND p.service <> 'identity' AND p.state <> 'DONE'))
        ORDER BY j.created_at LIMIT ${limit}`;
      const ids = due.map(({ id }) => id);
      return (await db.privacyJob.findMany({ where: { id: { in: ids } }, ...withParts })).map(jobOf);
    },

    selectFiles: (jobId: string): Promise<ArchiveFile[]> =>
      db.$queryRaw<ArchiveFile[]>`
        SELECT service, file, min(place)::int AS first, max(place)::int AS last
        FROM privacy_job_piece WHERE job_id = ${jobId} GROUP BY service, file ORDER BY service, min(place)`,

    selectPiece: (jobId: string, service: string, place: number) =>
      db.privacyJobPiece.findUnique({ where: { jobId_service_place: { jobId, service, place } } }),

    /** Takes the archives of a person but one; of an erasure all, also those that are being made. */
    updateSuperseded: async ({
      organisationId,
      userId,
      id,
    }: Pick<JobRow, 'organisationId' | 'userId' | 'id'>) => {
      const states = ['DONE', 'FAILED', 'RUNNING'];
      const where = { organisationId, userId, kind: 'EXPORT', id: { not: id }, state: { in: states } };
      const gone = await db.privacyJob.updateManyAndReturn({ where, data: { state: 'EXPIRED' } });
      await db.privacyJobPiece.deleteMany({ where: { jobId: { in: gone.map((job) => job.id) } } });
      return gone;
    },

    /** Takes an archive whose time is over. Answers those it took. */
    updateExpired: async (now: Date, limit: number): Promise<JobRow[]> => {
      const over = await db.privacyJob.findMany({
        where: { state: { in: ['DONE', 'FAILED'] }, expiresAt: { lt: now } },
        select: { id: true },
        take: limit,
      });
      const ids = over.map(({ id }) => id);
      await db.privacyJobPiece.deleteMany({ where: { jobId: { in: ids } } });
      return db.privacyJob.updateManyAndReturn({ where: { id: { in: ids } }, data: { state: 'EXPIRED' } });
    },
  };
}

function jobOf({ parts, ...job }: JobRow & { parts: PartRow[] }): PrivacyJob {
  return {
    ...job,
    parts: parts.map((part) => ({ ...part, report: part.report as unknown as PersonalDataReport[] })),
  };
}
