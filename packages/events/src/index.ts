export type * from './event-log.ts';
export * from './errors.ts';
export { createEventLog, type EventLogOptions } from './create-event-log.ts';
export { deadLetterTopicOf, type TopicSettings, type TopicSettingsByName } from './topic-settings.ts';
