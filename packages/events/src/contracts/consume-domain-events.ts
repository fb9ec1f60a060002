import { withRequest, type Logger } from '@lyceum/service';
import type { Consumer, EventLog, LogRecord } from '../event-log.ts';
import {
  eventTypeOf,
  parseDomainEvent,
  type DomainEvent,
  type DomainEventOf,
  type EventType,
} from './domain-event.ts';

export type EventHandlers = { readonly [T in EventType]?: (event: DomainEventOf<T>) => Promise<void> };

export interface ConsumeDomainEventsOptions {
  readonly log: EventLog;
  readonly topics: readonly string[];
  readonly group: string;
  /** By type. Called one after another, in the order of the partition; must be idempotent (see inbox.ts). */
  readonly handlers: EventHandlers;
  readonly logger: Logger;
}

/**
 * Hands the events of some topics to their handlers. Types without a handler are skipped; what can't be read, or
 * breaks its contract, goes to the dead-letter topic; a handler that rejects gets the event again, with back-off.
 */
export function consumeDomainEvents(options: ConsumeDomainEventsOptions): Promise<Consumer> {
  const { log, topics, group, handlers, logger } = options;
  return log.consume({
    topics,
    group,
    handle: async ({ records, signal }) => {
      for (const record of records) {
        signal.throwIfAborted();
        await handleRecord(record, handlers, logger);
      }
    },
  });
}

async function handleRecord(record: LogRecord, handlers: EventHandlers, logger: Logger): Promise<void> {
  const type = eventTypeOf(record);
  // The header spares parsing what nobody here handles.
  if (type !== undefined && !(type in handlers)) return;
  const event = parseDomainEvent(record);
  if (event === undefined) {
    logger.debug({ topic: record.topic, offset: record.offset }, 'An event of an unknown type was skipped');
    return;
  }
  const run = () => handlerOf(handlers, event)?.(event);
  await (event.requestid === undefined ? run() : withRequest({ id: event.requestid }, run));
}

/** TypeScript can't tell that the handler found under an event's type takes that event. */
function handlerOf(handlers: EventHandlers, { type }: DomainEvent) {
  return handlers[type] as ((event: DomainEvent) => Promise<void>) | undefined;
}
