import { mapIterator, type LiveTopic, type LiveValue } from '@lyceum/events';
import type { ConnectionSource } from '@lyceum/graphql';
import { conflict, newId, notFound, requirePermission, type Viewer } from '@lyceum/service';
import type { StoreJobEvents } from '../events/store-job-events.ts';
import type { Database, Tables } from '../store/database.ts';
import type { NewStoreJob, StoreJob, StoreJobKind } from '../store/store-jobs.ts';

/** A job that has come further. */
export interface ChangedStoreJob extends LiveValue {
  readonly id: string;
}

export type StoreJobs = ReturnType<typeof createStoreJobs>;

/**
 * Work on an organisation's whole store of learning records: asked for here, done by the LRS, which tells how far it is
 * (docs/decisions/0032).
 */
export function createStoreJobs(o: {
  database: Database;
  events: StoreJobEvents;
  live: LiveTopic<ChangedStoreJob>;
  liveRetentions: LiveTopic<ChangedStoreJob>;
}) {
  const { database, events, live, liveRetentions } = o;

  /** @throws NOT_FOUND */
  async function get({ organisationId }: Viewer, id: string, field = ['id']): Promise<StoreJob> {
    const [job] = await database.storeJobs.selectMany(organisationId, [id]);
    if (!job) throw notFound('job on the store', id, field);
    return job;
  }

  /** Asks for a job, in a transaction; undefined where one of the kind is under way. */
  async function beginIn(tx: Tables, wanted: Omit<NewStoreJob, 'id'>): Promise<StoreJob | undefined> {
    const job = await tx.storeJobs.insertOptional({ ...wanted, id: newId('storejob') });
    if (!job) return undefined;
    await events.requested(tx, job);
    await events.changed(tx, job);
    return job;
  }

  return {
    beginIn,

    /** Asks for a job. @throws CONFLICT where one of the kind is under way */
    begin: (viewer: Viewer, wanted: Pick<NewStoreJob, 'kind' | 'state' | 'parameters'>): Promise<StoreJob> =>
      database.transaction(async (tx) => {
        const { organisationId, userId: requestedBy } = viewer;
        const job = await beginIn(tx, { ...wanted, organisationId, requestedBy });
        if (!job) throw conflict('One of the kind is under way: wait for its end, or cancel it.');
        return job;
      }),

    /** Ends a job where it is, soon; what it did stays. One that has ended stays as it is. @throws NOT_FOUND, FORBIDDEN */
    cancel: (viewer: Viewer, id: string): Promise<StoreJob> =>
      database.transaction(async (tx) => {
        const job = await tx.storeJobs.lock(viewer.organisationId, id);
        if (!job) throw notFound('job on the store', id, ['input', 'id']);
        requirePermission(viewer, permissionOf[job.kind]);
        if (isOpen(job)) await events.cancelled(tx, job);
        return job;
      }),

    readable: ({ organisationId }: Viewer, ids: readonly string[]) =>
      database.storeJobs.selectMany(organisationId, ids),

    listed: ({ organisationId }: Viewer, kind: StoreJobKind | undefined): ConnectionSource<StoreJob> => ({
      rows: (page) => database.storeJobs.selectPage(organisationId, kind, page),
      key: ({ id }) => [id],
      count: () => database.storeJobs.count(organisationId, kind),
    }),

    /** A job each time that it comes further, from now on. @throws NOT_FOUND */
    async updates(viewer: Viewer, id: string): Promise<AsyncIterableIterator<StoreJob>> {
      const { kind } = await get(viewer, id);
      const topic = kind === 'RETENTION' ? liveRetentions : live;
      const changes = await topic.subscribe(viewer.organisationId, (changed) => changed.id === id);
      return mapIterator(changes, () => get(viewer, id));
    },

    /** Asks again for what nothing was heard of for long: the log keeps what is asked for a week. */
    async askAgain(now = new Date()): Promise<void> {
      const before = new Date(now.getTime() - silenceMs);
      for (const job of await database.storeJobs.selectManyUnheard(before, jobsAtOnce)) {
        await database.transaction(async (tx) => {
          if (await tx.storeJobs.updateHeard(job)) await events.requested(tx, job);
        });
      }
    },
  };
}

/** The LRS tells of what is under way more often than this. */
const silenceMs = 60 * 60_000;
const jobsAtOnce = 20;

/** Whoever may ask for a kind may end it. */
const permissionOf = {
  EXPORT: 'store.export',
  IMPORT: 'store.import',
  RETENTION: 'store.retention',
} as const;

const isOpen = ({ state }: StoreJob) => state === 'WAITING' || state === 'RUNNING';
