export type * from './event-log.ts';
export type * from './claims.ts';
export * from './errors.ts';
export { createEventLog, type EventLogOptions } from './create-event-log.ts';
export { deadLetterTopicOf, type TopicSettings, type TopicSettingsByName } from './topic-settings.ts';
export {
  domainEvent,
  parseDomainEvent,
  eventTypeOf,
  ContractViolationError,
  type DomainEvent,
  type DomainEventInput,
  type DomainEventOf,
  type EventType,
  type OutboxRow,
} from './contracts/domain-event.ts';
export {
  consumeDomainEvents,
  type ConsumeDomainEventsOptions,
  type EventHandlers,
} from './contracts/consume-domain-events.ts';
export { topicOfEvent, type EventData } from './contracts/generated/event-data.ts';
export type * from './contracts/generated/event-data.ts';
export { createEventValidator, type EventValidator } from './contracts/validators.ts';
export { createOutboxRelay, type OutboxRelay, type OutboxRelayOptions } from './outbox/relay.ts';
export { startRelay, type Relay, type RelayOptions } from './relay/relay.ts';
export { outboxAndInboxTables } from './outbox/tables.ts';
export { insertOutbox } from './outbox/insert-outbox.ts';
export { outboxStore } from './outbox/outbox-store.ts';
export { alreadyHandled } from './outbox/inbox.ts';
export type { Execute } from './outbox/execute.ts';
export { sqlOn, type Sql } from './sql.ts';
export { createLiveTopic, type LiveTopic, type LiveTopicOptions, type LiveValue } from './live/live-topic.ts';
export { createLiveStates, type LiveStatesOptions } from './live/live-states.ts';
export { followTopic, type Following } from './live/follow-topic.ts';
export { mapIterator } from './live/map-iterator.ts';
export { createSubscriberQueue, SlowSubscriberError, type SubscriberQueue } from './live/subscriber-queue.ts';
export { encodeEventCursor, placeIn, type EventPlace } from './live/event-cursor.ts';
export {
  createResumableTopic,
  type PlacedValue,
  type ResumableTopic,
  type Resumption,
} from './live/resumable-topic.ts';
export { partitionOf } from './partitioner.ts';
export { createDeadLetters, type DeadLetters, type KnownDeadLetter } from './dead-letters/dead-letters.ts';
export { type DeadLetter } from './dead-letters/dead-letter.ts';
export { type DeadLetterAct } from './dead-letters/act.ts';
