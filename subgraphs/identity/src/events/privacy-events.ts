import { domainEvent } from '@lyceum/events';
import type { PrivacyJob } from '../store/privacy-jobs.ts';
import type { Store } from '../store/store.ts';

export const privacyEvents = {
  /** @param services those that are to answer this time */
  async personalDataRequested(
    tx: Store,
    { id: jobId, organisationId, userId, kind, emails, createdAt }: PrivacyJob,
    { homePage, services }: { homePage: string; services: readonly string[] },
  ): Promise<void> {
    const data = {
      jobId,
      organisationId,
      userId,
      kind: kind as 'EXPORT' | 'ERASURE',
      emails,
      homePage,
      requestedAt: createdAt.toISOString(),
      services: [...services],
    };
    // The person is the subject: what was told of them before is heard before.
    await tx.outbox.insert([
      domainEvent({ type: 'personal-data.requested', subject: userId, organisation: organisationId, data }),
    ]);
  },

  async privacyJobChanged(
    tx: Store,
    { id, organisationId, userId, kind, state, parts }: PrivacyJob,
  ): Promise<void> {
    const job = {
      id,
      organisationId,
      userId,
      kind: kind as 'EXPORT' | 'ERASURE',
      state: state as 'RUNNING' | 'DONE' | 'FAILED' | 'EXPIRED',
      partsEnded: parts.filter((part) => part.state !== 'WAITING').length,
      parts: parts.length,
    };
    await tx.outbox.insert([
      domainEvent({ type: 'privacy-job.changed', subject: id, organisation: organisationId, data: { job } }),
    ]);
  },
};
