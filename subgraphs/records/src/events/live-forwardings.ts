import {
  createLiveTopic,
  eventTypeOf,
  parseDomainEvent,
  type EventLog,
  type LiveTopic,
} from '@lyceum/events';
import type { Logger, Metrics } from '@lyceum/service';
import type { ChangedForwarding } from '../domain/statement-forwardings.ts';

/** Forwardings as they go on, for the subscribers of this instance; of a slow one's, the newest state counts. */
export function createLiveForwardings(options: {
  log: EventLog;
  logger: Logger;
  metrics: Metrics;
}): LiveTopic<ChangedForwarding> {
  return createLiveTopic({
    ...options,
    topic: 'records.events',
    keyOf: ({ id }) => id,
    read: (record) => {
      if (eventTypeOf(record) !== 'statement-forwarding.changed') return [];
      const event = parseDomainEvent(record);
      if (event?.type !== 'statement-forwarding.changed') return [];
      const { id, organisationId } = event.data.forwarding;
      return [{ id, organisationId }];
    },
  });
}
