import type { Logger, Metrics } from '@lyceum/service';
import {
  eventTypeOf,
  parseDomainEvent,
  type DomainEvent,
  type DomainEventOf,
  type EventType,
} from '../contracts/domain-event.ts';
import type { EventLog } from '../event-log.ts';
import { createLiveTopic, type LiveTopic, type LiveValue } from './live-topic.ts';

export interface LiveStatesOptions<T extends EventType, S> {
  readonly log: EventLog;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly topic: string;
  /** Of the events that tell the states. */
  readonly type: T;
  readonly stateOf: (event: DomainEventOf<T>) => S;
}

/** The states that events of one type tell, for the subscribers of this instance; of a slow one's, the newest of each id counts. */
export function createLiveStates<T extends EventType, S extends LiveValue & { readonly id: string }>(
  options: LiveStatesOptions<T, S>,
): LiveTopic<S> {
  const { log, logger, metrics, topic, type, stateOf } = options;
  return createLiveTopic({
    ...{ log, logger, metrics, topic },
    keyOf: ({ id }) => id,
    read: (record) => {
      // Events of other types are not even parsed.
      const event = eventTypeOf(record) === type ? parseDomainEvent(record) : undefined;
      return event !== undefined && isOfType(event, type) ? [stateOf(event)] : [];
    },
  });
}

function isOfType<T extends EventType>(event: DomainEvent, type: T): event is DomainEvent & DomainEventOf<T> {
  return event.type === type;
}
