import type { DomainEventOf, EventHandlers } from '@lyceum/events';
import type { Database } from '../store/database.ts';
import type { StoreJob, StoreJobProgress } from '../store/store-jobs.ts';
import { storeJobEvents } from './store-job-events.ts';

type Progressed = DomainEventOf<'store-job.progressed'>;

/** Notes how far the LRS is with a job. What comes again, or after what is newer, changes nothing. */
export function onStoreJobProgressed({ database }: { database: Database }): EventHandlers {
  return {
    'store-job.progressed': ({ data, time }) =>
      database.transaction(async (tx) => {
        const job = await tx.storeJobs.lock(data.organisationId, data.jobId);
        if (job === undefined || job.revision >= data.revision) return;
        await storeJobEvents.changed(tx, await tx.storeJobs.updateProgress(job, progressOf(job, data, time)));
      }),
  };
}

function progressOf(job: StoreJob, data: Progressed['data'], time: string): StoreJobProgress {
  const { revision, state, faults, failure, total, expiresAt } = data;
  const isOpen = state === 'WAITING' || state === 'RUNNING';
  return {
    ...{ revision, state, faults },
    done: BigInt(data.done),
    total: total === undefined ? null : BigInt(total),
    written: BigInt(data.written),
    known: BigInt(data.known),
    faulty: BigInt(data.faulty),
    bytes: BigInt(data.bytes),
    failure: failure ?? null,
    finishedAt: isOpen ? null : (job.finishedAt ?? new Date(time)),
    expiresAt: expiresAt === undefined ? null : new Date(expiresAt),
  };
}
