import {
  createLiveTopic,
  eventTypeOf,
  parseDomainEvent,
  type EventLog,
  type LiveTopic,
} from '@lyceum/events';
import type { Logger, Metrics } from '@lyceum/service';
import type { ChangedStoreJob } from '../domain/store-jobs.ts';

/** Jobs on a store as they come further, for the subscribers of this instance; of a slow one's, the newest state counts. */
export function createLiveStoreJobs(options: {
  log: EventLog;
  logger: Logger;
  metrics: Metrics;
}): LiveTopic<ChangedStoreJob> {
  return createLiveTopic({
    ...options,
    topic: 'records.events',
    keyOf: ({ id }) => id,
    read: (record) => {
      if (eventTypeOf(record) !== 'store-job.changed') return [];
      const event = parseDomainEvent(record);
      if (event?.type !== 'store-job.changed') return [];
      const { id, organisationId } = event.data.job;
      return [{ id, organisationId }];
    },
  });
}
