import { domainEvent } from '@lyceum/events';
import type { Tables } from '../store/database.ts';
import type { StoreJob } from '../store/store-jobs.ts';

export type StoreJobEvents = typeof storeJobEvents;

/** What records tells of jobs on a store, written to the outbox of the transaction that `tx` belongs to. */
export const storeJobEvents = {
  /** Asks the LRS to begin; the same job again is the same work. */
  async requested(tx: Tables, job: StoreJob): Promise<void> {
    const { id: jobId, organisationId, kind, parameters, requestedBy, createdAt } = job;
    const { rules = [], ...rest } = parameters;
    const asked = { jobId, organisationId, requestedBy, requestedAt: createdAt.toISOString() };
    const of = { subject: jobId, organisation: organisationId };
    await tx.outbox.insert([
      kind === 'RETENTION'
        ? domainEvent({
            type: 'store-retention.requested',
            ...of,
            data: { ...asked, rules: rules.map((rule) => ({ ...rule })) },
          })
        : domainEvent({ type: 'store-job.requested', ...of, data: { ...asked, kind, ...rest } }),
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
    const job = { id, organisationId, state, ...counts };
    const of = { subject: id, organisation: organisationId };
    await tx.outbox.insert([
      kind === 'RETENTION'
        ? domainEvent({ type: 'store-retention.changed', ...of, data: { job } })
        : domainEvent({ type: 'store-job.changed', ...of, data: { job: { ...job, kind } } }),
    ]);
  },
};
