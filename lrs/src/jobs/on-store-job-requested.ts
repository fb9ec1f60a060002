import { consumeDomainEvents, type Consumer, type EventHandlers, type EventLog } from '@lyceum/events';
import type { Logger } from '@lyceum/service';
import { isDeleting } from '../retention/retention-work.ts';
import type { StoreJobRequest } from '../store/store-jobs.ts';
import type { Database } from '../store/store.ts';
import { tellProgress } from './tell-progress.ts';

const storeJobGroup = 'lrs-store-jobs';

/** How long a file is waited for. */
const uploadMs = 7 * 24 * 60 * 60_000;

/** Takes in what records asks for, until it is stopped; workers do it (job-worker.ts). */
export function consumeStoreJobs(o: {
  log: EventLog;
  logger: Logger;
  store: Database;
  /** There is something to do. */
  onRequested: () => void;
}): Promise<Consumer> {
  const { log, logger, store, onRequested } = o;
  return consumeDomainEvents({
    log,
    logger,
    topics: ['records.events'],
    group: storeJobGroup,
    handlers: storeJobHandlers(store, onRequested),
  });
}

export function storeJobHandlers(store: Database, onRequested: () => void): EventHandlers {
  return {
    'store-job.requested': async ({ data }) => {
      await store.transaction((tx) => begin(tx, data));
      onRequested();
    },
    'store-retention.requested': async ({ data }) => {
      await store.transaction((tx) => begin(tx, { ...data, rules: [...data.rules], kind: 'RETENTION' }));
      onRequested();
    },
    'store-job.cancelled': ({ data: { organisationId, jobId } }) =>
      store.transaction(async (tx) => {
        const job = await tx.storeJobs.lock(organisationId, jobId);
        if (job?.state !== 'RUNNING' && job?.state !== 'WAITING') return;
        if (isDeleting(job)) {
          await tx.storeJobs.updateCancelled(jobId, job.request);
          return;
        }
        await tellProgress(tx, await tx.storeJobs.update(jobId, { state: 'CANCELLED', expiresAt: null }));
      }),
  };
}

type Tx = Parameters<Parameters<Database['transaction']>[0]>[0];

/** What is asked for again is answered with how it stands. */
async function begin(tx: Tx, request: StoreJobRequest): Promise<void> {
  const waits = request.kind === 'IMPORT';
  const job =
    (await tx.storeJobs.insertOptional(request, {
      state: waits ? 'WAITING' : 'RUNNING',
      expiresAt: waits ? new Date(Date.now() + uploadMs) : null,
    })) ?? (await tx.storeJobs.selectOptional(request.jobId));
  if (job) await tellProgress(tx, job);
}
