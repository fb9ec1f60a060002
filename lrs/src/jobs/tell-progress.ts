import { domainEvent } from '@lyceum/events';
import type { StoreJob } from '../store/store-jobs.ts';
import type { Store } from '../store/store.ts';

/** Tells records how far a job is, in the transaction that brought it there. */
export async function tellProgress(tx: Pick<Store, 'outbox'>, job: StoreJob): Promise<void> {
  const { id: jobId, organisationId, revision, state, total, failure, expiresAt } = job;
  const data = {
    ...{ jobId, organisationId, revision, state },
    done: Number(job.done),
    written: Number(job.written),
    known: Number(job.known),
    faulty: Number(job.faulty),
    bytes: Number(job.bytes),
    faults: [...job.faults],
    ...(total === null ? {} : { total: Number(total) }),
    ...(failure === null ? {} : { failure }),
    ...(expiresAt === null ? {} : { expiresAt: expiresAt.toISOString() }),
  };
  await tx.outbox.insert([
    domainEvent({ type: 'store-job.progressed', subject: jobId, organisation: organisationId, data }),
  ]);
}
