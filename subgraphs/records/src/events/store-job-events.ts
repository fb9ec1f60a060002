import { domainEvent } from '@lyceum/events';
import type { Tables } from '../store/database.ts';
import type { StoreJob } from '../store/store-jobs.ts';

export type StoreJobEvents = typeof storeJobEvents;

/** What records tells of jobs on a store, written to the outbox of the transaction that `tx` belongs to. */
export const storeJobEvents = {
  /** Asks the LRS to begin; the same job again is the same work. */
  async requested(tx: Tables, job: StoreJob): Promise<void> {
    const { id: jobId, organisationId, kind, parameters, requestedBy, createdAt } = job;
    const { rules, ...rest } = parameters;
    const data = {
      ...{ jobId, organisationId, kind, requestedBy, ...rest },
      ...(rules && { rules: rules.map((rule) => ({ ...rule })) }),
      requestedAt: createdAt.toISOString(),
    };
    await tx.outbox.insert([
      domainEvent({ type: 'store-job.requested', subject: jobId, organisation: organisationId, data }),
    ]);
  },

  async cancelled(tx: Tables, { id: jobId, organisationId }: StoreJob): Promise<void> {
    const data = { jobId, organisationId };
    await tx.outbox.insert([
      domainEvent({ type: 'store-job.cancelled', subject: jobId, organisation: organisationId, data }),
    ]);
  },

  async changed(tx: Tables, { id, organisationId, kind, state, done, total }: StoreJob): Promise<void> {
    const counts = { done: Number(done), ...(total === null ? {} : { total: Number(total) }) };
    const data = { job: { id, organisationId, kind, state, ...counts } };
    await tx.outbox.insert([
      domainEvent({ type: 'store-job.changed', subject: id, organisation: organisationId, data }),
    ]);
  },
};
