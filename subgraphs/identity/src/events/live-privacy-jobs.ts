import { createLiveStates, type LiveStatesOptions, type LiveTopic } from '@lyceum/events';
import type { ChangedJob } from '../domain/privacy/jobs.ts';

/** Privacy jobs as they come further. */
export function createLivePrivacyJobs(
  options: Pick<LiveStatesOptions<'privacy-job.changed', ChangedJob>, 'log' | 'logger' | 'metrics'>,
): LiveTopic<ChangedJob> {
  return createLiveStates({
    ...options,
    topic: 'identity.events',
    type: 'privacy-job.changed',
    stateOf: ({ data }) => ({ id: data.job.id, organisationId: data.job.organisationId }),
  });
}
