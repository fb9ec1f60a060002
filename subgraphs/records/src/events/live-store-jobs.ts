import { createLiveStates, type LiveStatesOptions, type LiveTopic } from '@lyceum/events';
import type { ChangedStoreJob } from '../domain/store-jobs.ts';

type Around = Pick<LiveStatesOptions<'store-job.changed', ChangedStoreJob>, 'log' | 'logger' | 'metrics'>;

/** Jobs on a store as they come further, but for retentions. */
export function createLiveStoreJobs(options: Around): LiveTopic<ChangedStoreJob> {
  return createLiveStates({
    ...options,
    topic: 'records.events',
    type: 'store-job.changed',
    stateOf: ({ data }) => ({ id: data.job.id, organisationId: data.job.organisationId }),
  });
}

/** Retentions, which are told of by an event of their own: older readers know no such kind of job. */
export function createLiveRetentions(options: Around): LiveTopic<ChangedStoreJob> {
  return createLiveStates({
    ...options,
    topic: 'records.events',
    type: 'store-retention.changed',
    stateOf: ({ data }) => ({ id: data.job.id, organisationId: data.job.organisationId }),
  });
}
