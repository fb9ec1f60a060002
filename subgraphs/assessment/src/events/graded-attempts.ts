import {
  createLiveTopic,
  eventTypeOf,
  parseDomainEvent,
  type EventLog,
  type LiveTopic,
  type LogRecord,
} from '@lyceum/events';
import type { Logger, Metrics } from '@lyceum/service';

/** An attempt that was graded just now, by this instance of the service or by another one. */
export interface GradedAttempt {
  readonly attemptId: string;
  readonly organisationId: string;
  readonly learnerId: string;
  readonly assessmentId: string;
  readonly courseId: string;
}

export type GradedAttempts = LiveTopic<GradedAttempt>;

/** Attempts as they are graded, for the subscribers of this instance. */
export function createGradedAttempts(options: {
  log: EventLog;
  logger: Logger;
  metrics: Metrics;
}): GradedAttempts {
  return createLiveTopic({ ...options, topic: 'assessment.events', read: gradedAttempts });
}

function gradedAttempts(record: LogRecord): GradedAttempt[] {
  if (eventTypeOf(record) !== 'attempt.graded') return [];
  const event = parseDomainEvent(record);
  if (event?.type !== 'attempt.graded') return [];
  const { id: attemptId, learnerId, assessmentId, courseId } = event.data.attempt;
  return [{ attemptId, organisationId: event.organisation, learnerId, assessmentId, courseId }];
}
