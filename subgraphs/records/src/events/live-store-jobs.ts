import { createLiveStates, type LiveStatesOptions, type LiveTopic } from '@lyceum/events';
import type { ChangedStoreJob } from '../domain/store-jobs.ts';

/** Jobs on a store as they come further. */
export function createLiveStoreJobs(
  options: Pick<LiveStatesOptions<'store-job.changed', ChangedStoreJob>, 'log' | 'logger' | 'metrics'>,
): LiveTopic<ChangedStoreJob> {
  return createLiveStates({
    ...options,
    topic: 'records.events',
    type: 'store-job.changed',
    stateOf: ({ data }) => ({ id: data.job.id, organisationId: data.job.organisationId }),
  });
}
