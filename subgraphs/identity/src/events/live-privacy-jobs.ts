import {
  createLiveTopic,
  eventTypeOf,
  parseDomainEvent,
  type EventLog,
  type LiveTopic,
} from '@lyceum/events';
import type { Logger, Metrics } from '@lyceum/service';
import type { ChangedJob } from '../domain/privacy/jobs.ts';

/** Privacy jobs as they come further, for the subscribers of this instance; of a slow one's, the newest state counts. */
export function createLivePrivacyJobs(options: {
  log: EventLog;
  logger: Logger;
  metrics: Metrics;
}): LiveTopic<ChangedJob> {
  return createLiveTopic({
    ...options,
    topic: 'identity.events',
    keyOf: ({ id }) => id,
    read: (record) => {
      if (eventTypeOf(record) !== 'privacy-job.changed') return [];
      const event = parseDomainEvent(record);
      if (event?.type !== 'privacy-job.changed') return [];
      const { id, organisationId } = event.data.job;
      return [{ id, organisationId }];
    },
  });
}
