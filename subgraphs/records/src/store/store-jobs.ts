import type { Page } from '@lyceum/graphql';
import type { Prisma, StoreJob as JobRow } from './generated/client.ts';
import type { Connection } from './database.ts';

export type StoreJobKind = 'EXPORT' | 'IMPORT' | 'RETENTION';
export type StoreJobState = 'WAITING' | 'RUNNING' | 'DONE' | 'FAILED' | 'CANCELLED' | 'EXPIRED';

/** What is asked of the LRS beside the kind, as its event says it (schema/events: store-job.requested, store-retention.requested). */
export interface StoreJobParameters {
  readonly since?: string;
  readonly until?: string;
  readonly verb?: string;
  readonly activity?: string;
  readonly attachments?: boolean;
  readonly dryRun?: boolean;
  readonly keepsOriginals?: boolean;
  readonly rules?: readonly { readonly before: string; readonly verb?: string; readonly activity?: string }[];
}

/** A line of a file that was refused. */
export interface StoreJobFault {
  readonly line: number;
  readonly path: string;
  readonly reason: string;
}

export interface StoreJob extends Omit<JobRow, 'kind' | 'state' | 'parameters' | 'faults'> {
  readonly kind: StoreJobKind;
  readonly state: StoreJobState;
  readonly parameters: StoreJobParameters;
  readonly faults: readonly StoreJobFault[];
}

export type NewStoreJob = Pick<
  StoreJob,
  'id' | 'organisationId' | 'kind' | 'state' | 'parameters' | 'requestedBy'
>;

/** How far the LRS says a job is. */
export type StoreJobProgress = Pick<
  StoreJob,
  'revision' | 'state' | 'done' | 'total' | 'written' | 'known' | 'faulty' | 'bytes' | 'faults' | 'failure'
> &
  Pick<JobRow, 'finishedAt' | 'expiresAt'>;

const open = { in: ['WAITING', 'RUNNING'] };

export function storeJobStore(db: Connection) {
  return {
    selectMany: async (organisationId: string, ids: readonly string[]): Promise<StoreJob[]> =>
      (await db.storeJob.findMany({ where: { organisationId, id: { in: [...ids] } } })).map(jobOf),

    /** One page of an organisation's jobs, the newest first. */
    selectPage: async (
      organisationId: string,
      kind: StoreJobKind | undefined,
      { after, before, backward, limit }: Page,
    ): Promise<StoreJob[]> => {
      const rows = await db.storeJob.findMany({
        where: { ...ofKind(organisationId, kind), id: between(after, before) },
        orderBy: { id: backward ? 'asc' : 'desc' },
        take: limit,
      });
      return rows.map(jobOf);
    },

    count: (organisationId: string, kind: StoreJobKind | undefined) =>
      db.storeJob.count({ where: ofKind(organisationId, kind) }),

    /** Undefined where one of the kind is open in the organisation. */
    insertOptional: async ({ parameters, ...job }: NewStoreJob): Promise<StoreJob | undefined> => {
      const data = { ...job, parameters: parameters as Prisma.InputJsonObject };
      const [row] = await db.storeJob.createManyAndReturn({ data: [data], skipDuplicates: true });
      return row && jobOf(row);
    },

    /** A job of the organisation's, held until the transaction ends: what is told of it comes one by one. */
    lock: async (organisationId: string, id: string): Promise<StoreJob | undefined> => {
      const rows = await db.$queryRaw<unknown[]>`
        SELECT 1 FROM store_job WHERE organisation_id = ${organisationId} AND id = ${id} FOR UPDATE`;
      if (rows.length === 0) return undefined;
      return jobOf(await db.storeJob.findUniqueOrThrow({ where: { organisationId, id } }));
    },

    updateProgress: async (
      { organisationId, id }: Pick<StoreJob, 'organisationId' | 'id'>,
      { faults, ...progress }: StoreJobProgress,
    ): Promise<StoreJob> => {
      const data = { ...progress, faults: faults.map((fault) => ({ ...fault })), heardAt: new Date() };
      return jobOf(await db.storeJob.update({ where: { organisationId, id }, data }));
    },

    /** Of whichever organisation, open jobs of which nothing was heard since then. */
    selectManyUnheard: async (before: Date, limit: number): Promise<StoreJob[]> => {
      const where = { state: open, heardAt: { lt: before } };
      return (await db.storeJob.findMany({ where, orderBy: { heardAt: 'asc' }, take: limit })).map(jobOf);
    },

    /** Whether nobody else has asked again since. */
    updateHeard: async ({ organisationId, id, heardAt }: StoreJob): Promise<boolean> => {
      const where = { organisationId, id, heardAt, state: open };
      return (await db.storeJob.updateMany({ where, data: { heardAt: new Date() } })).count === 1;
    },
  };
}

const ofKind = (organisationId: string, kind: StoreJobKind | undefined) =>
  kind === undefined ? { organisationId } : { organisationId, kind };

/** Ids are TypeIDs of one prefix: their order is that of their making, and the newest comes first. */
const between = (after: Page['after'], before: Page['before']): Prisma.StringFilter => ({
  ...(after ? { lt: String(after[0]) } : {}),
  ...(before ? { gt: String(before[0]) } : {}),
});

function jobOf({ kind, state, parameters, faults, ...row }: JobRow): StoreJob {
  return {
    ...row,
    kind: kind as StoreJobKind,
    state: state as StoreJobState,
    parameters: parameters as unknown as StoreJobParameters,
    faults: faults as unknown as StoreJobFault[],
  };
}
