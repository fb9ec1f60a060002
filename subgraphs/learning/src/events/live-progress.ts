import {
  createLiveTopic,
  eventTypeOf,
  parseDomainEvent,
  type EventLog,
  type LiveTopic,
  type LogRecord,
} from '@lyceum/events';
import type { Logger, Metrics } from '@lyceum/service';
import type { ShownCourseProgress } from '../store/course-progress.ts';

/**
 * Progress as it changes, for the subscribers of this instance. The events carry all that is shown, so that one costs
 * no query; of what a slow subscriber has not taken yet, the newest state of each learner in each course is kept.
 */
export function createLiveProgress(options: {
  log: EventLog;
  logger: Logger;
  metrics: Metrics;
}): LiveTopic<ShownCourseProgress> {
  return createLiveTopic({ ...options, topic: 'learning.events', read: changesOf, keyOf: ({ id }) => id });
}

function changesOf(record: LogRecord): ShownCourseProgress[] {
  if (eventTypeOf(record) !== 'progress.changed') return [];
  const event = parseDomainEvent(record);
  if (event?.type !== 'progress.changed') return [];
  const { startedAt, completedAt, updatedAt, ...progress } = event.data.progress;
  return [
    {
      ...progress,
      organisationId: event.organisation,
      startedAt: startedAt === null ? null : new Date(startedAt),
      completedAt: completedAt === null ? null : new Date(completedAt),
      updatedAt: new Date(updatedAt),
    },
  ];
}
