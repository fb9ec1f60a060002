import type { EventData } from '@lyceum/events';
import type { Prisma, StoreJob as JobRow } from './generated/client.ts';
import type { Connection } from './store.ts';

/** Retentions are asked for by an event of their own, `store-retention.requested`. */
export type StoreJobKind = EventData['store-job.requested']['kind'] | 'RETENTION';
export type StoreJobRequest = Omit<EventData['store-job.requested'], 'kind'> & {
  readonly kind: StoreJobKind;
  /** Somebody ended it while it did what can't be left half done: it ends behind that. */
  readonly cancelled?: true;
};
export type StoreJobState = EventData['store-job.progressed']['state'];
export type StoreJobFault = EventData['store-job.progressed']['faults'][number];

/** Work on an organisation's whole store: what was asked for, and how far it is. */
export interface StoreJob extends Omit<JobRow, 'kind' | 'state' | 'request' | 'place' | 'faults'> {
  readonly kind: StoreJobKind;
  readonly state: StoreJobState;
  readonly request: StoreJobRequest;
  /** Where the work goes on; each kind has its own. Empty at its beginning. */
  readonly place: Readonly<Record<string, unknown>>;
  readonly faults: readonly StoreJobFault[];
}

/** What a step has changed of its job. */
export type StoreJobChange = Partial<
  Pick<
    StoreJob,
    | 'state'
    | 'place'
    | 'done'
    | 'total'
    | 'written'
    | 'known'
    | 'faulty'
    | 'bytes'
    | 'faults'
    | 'failure'
    | 'expiresAt'
  >
>;

export function storeJobStore(db: Connection) {
  return {
    selectOptional: async (id: string): Promise<StoreJob | null> => {
      const row = await db.storeJob.findUnique({ where: { id } });
      return row && jobOf(row);
    },

    /** The same job again is the same work: nothing. Undefined where it is known. */
    insertOptional: async (
      request: StoreJobRequest,
      at: Pick<StoreJob, 'state' | 'expiresAt'>,
    ): Promise<StoreJob | undefined> => {
      const { jobId: id, organisationId, kind } = request;
      const data = { id, organisationId, kind, ...at, revision: 1, request: { ...request } };
      const [row] = await db.storeJob.createManyAndReturn({
        data: [data as Prisma.StoreJobCreateManyInput],
        skipDuplicates: true,
      });
      return row && jobOf(row);
    },

    /** A job of the organisation's, held until the transaction ends. */
    lock: async (organisationId: string, id: string): Promise<StoreJob | undefined> => {
      const rows = await db.$queryRaw<unknown[]>`
        SELECT 1 FROM store_job WHERE organisation_id = ${organisationId} AND id = ${id} FOR UPDATE`;
      if (rows.length === 0) return undefined;
      return jobOf(await db.storeJob.findUniqueOrThrow({ where: { id, organisationId } }));
    },

    /**
     * Takes, for a while, the job that nobody is at and that has waited longest. A retention and an export of one organisation, or
     * two retentions, wait for each other: for the one that has begun, else for the one that was asked for first. Requests come by
     * several partitions: a later one may be here, and begin, before an earlier one is. To be called in a transaction of its own.
     */
    lease: async (
      kinds: readonly StoreJobKind[],
      worker: string,
      leaseMs: number,
    ): Promise<StoreJob | undefined> => {
      // Two who look at once would each see that the other's job has not begun.
      await db.$executeRaw`SELECT pg_advisory_xact_lock(hashtext('lrs.store_job.lease'))`;
      const [row] = await db.$queryRaw<{ id: string }[]>`
        WITH running AS (
          SELECT id, organisation_id, kind, updated_at,
            coalesce(leased_until > now(), false) AS leased,
            place <> '{}' AS begun,
            ((request->>'requestedAt')::timestamptz, id) AS asked
          FROM store_job WHERE state = 'RUNNING')
        UPDATE store_job SET worker = ${worker}, leased_until = now() + ${leaseMs}::int * interval '1 ms'
        WHERE state = 'RUNNING' AND id = (
          SELECT id FROM running j
          WHERE kind = ANY(${[...kinds]}::text[]) AND NOT leased
            AND NOT EXISTS (
              SELECT 1 FROM running o
              WHERE o.organisation_id = j.organisation_id AND o.id <> j.id AND 'RETENTION' IN (o.kind, j.kind)
                AND o.kind IN ('EXPORT', 'RETENTION') AND j.kind IN ('EXPORT', 'RETENTION')
                AND (o.leased OR (o.begun AND NOT j.begun) OR (o.begun = j.begun AND o.asked < j.asked)))
          ORDER BY updated_at LIMIT 1)
        RETURNING id`;
      return row && jobOf(await db.storeJob.findUniqueOrThrow({ where: { id: row.id } }));
    },

    /** Whether the worker still has it: nobody else took it over, and nobody ended it. */
    updateLease: async (id: string, worker: string, leaseMs: number): Promise<boolean> => {
      const changed = await db.$executeRaw`
        UPDATE store_job SET leased_until = now() + ${leaseMs}::int * interval '1 ms'
        WHERE id = ${id} AND worker = ${worker} AND state = 'RUNNING'`;
      return changed === 1;
    },

    /** Gives a job back: whoever looks next may go on with it, not before a time where one is given. */
    updateGivenBack: async (id: string, worker: string, until: Date | null) => {
      await db.storeJob.updateMany({ where: { id, worker, state: 'RUNNING' }, data: { leasedUntil: until } });
    },

    /** What a step changed, where its worker still has the job; else undefined, and nothing may be written. */
    updateStep: async (id: string, worker: string, change: StoreJobChange): Promise<StoreJob | undefined> => {
      const where = { id, worker, state: 'RUNNING' };
      const [row] = await db.storeJob.updateManyAndReturn({ where, data: changeOf(change) });
      return row && jobOf(row);
    },

    /** What becomes of a job that is held. */
    update: async (id: string, change: StoreJobChange): Promise<StoreJob> =>
      jobOf(await db.storeJob.update({ where: { id }, data: changeOf(change) })),

    /** A job that is held ends once what is under way is whole. */
    updateCancelled: (id: string, request: StoreJobRequest) =>
      db.storeJob.update({ where: { id }, data: { request: { ...request, cancelled: true } } }),

    /** Exports of an organisation that are under way, or whose file is to be had; held until the transaction ends. */
    lockExports: async (organisationId: string): Promise<StoreJob[]> => {
      const rows = await db.$queryRaw<{ id: string }[]>`
        SELECT id FROM store_job WHERE organisation_id = ${organisationId} AND kind = 'EXPORT'
          AND state IN ('RUNNING', 'DONE') ORDER BY id FOR UPDATE`;
      return (await db.storeJob.findMany({ where: { id: { in: rows.map(({ id }) => id) } } })).map(jobOf);
    },

    /** The same as `update`, from whoever is at it: what they are about to write does not count any more. */
    updateTakenAway: async (id: string, change: StoreJobChange): Promise<StoreJob> => {
      const data = { ...changeOf(change), worker: null, leasedUntil: null };
      return jobOf(await db.storeJob.update({ where: { id }, data }));
    },

    /** Counts a try that failed; answers how many did since one succeeded. */
    updateFailed: async (id: string, worker: string): Promise<number> => {
      const where = { id, worker, state: 'RUNNING' };
      const [row] = await db.storeJob.updateManyAndReturn({ where, data: { attempts: { increment: 1 } } });
      return row?.attempts ?? 0;
    },

    /** Jobs whose file's time is over. */
    selectManyExpired: async (now: Date, limit: number): Promise<StoreJob[]> => {
      const where = { expiresAt: { lt: now }, state: { in: ['WAITING', 'DONE'] } };
      return (await db.storeJob.findMany({ where, take: limit })).map(jobOf);
    },
  };
}

function changeOf({ faults, place, ...change }: StoreJobChange) {
  return {
    ...change,
    ...(place && { place: place as Prisma.InputJsonObject }),
    ...(faults && { faults: faults.map((fault) => ({ ...fault })) }),
    attempts: 0,
    revision: { increment: 1 },
    updatedAt: new Date(),
  };
}

function jobOf({ kind, state, request, place, faults, ...row }: JobRow): StoreJob {
  return {
    ...row,
    kind: kind as StoreJobKind,
    state: state as StoreJobState,
    request: request as unknown as StoreJobRequest,
    place: place as Record<string, unknown>,
    faults: faults as unknown as StoreJobFault[],
  };
}
