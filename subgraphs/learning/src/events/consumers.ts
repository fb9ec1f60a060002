import { consumeDomainEvents, type Consumer, type EventHandlers, type EventLog } from '@lyceum/events';
import { consumeGroups } from '@lyceum/events/groups';
import { consumePersonalDataRequests } from '@lyceum/events/personal-data';
import type { Logger, Metrics } from '@lyceum/service';
import type { Courses } from '../domain/courses.ts';
import type { HeardStatements } from '../domain/heard-statements.ts';
import type { Members } from '../domain/members.ts';
import type { EvidenceRecorder } from '../domain/record-evidence.ts';
import { personalTablesOfLearning } from '../store/personal-tables.ts';
import type { Database } from '../store/store.ts';
import { onAttemptGraded } from './on-attempt-graded.ts';
import { onCourseChanged } from './on-course-changed.ts';
import { onMemberChanged } from './on-member-changed.ts';
import { consumeStatements } from './on-statements.ts';

/** Begins to hear what the others tell: each topic, in which group, and what is done about it. */
export function startConsumers(options: {
  log: EventLog;
  logger: Logger;
  metrics: Metrics;
  store: Database;
  hearing: {
    courses: Courses;
    members: Members;
    recorder: EvidenceRecorder;
    statements: HeardStatements;
  };
  publicUrl: string;
  /** Called after each change of a course or a user: there may be something to correct. */
  onChange: () => void;
}): Promise<Consumer[]> {
  const { log, logger, metrics, store, publicUrl, onChange } = options;
  const { courses, members, recorder, statements } = options.hearing;
  const consume = (topic: string, group: string, handlers: EventHandlers) =>
    consumeDomainEvents({ log, logger, topics: [topic], group, handlers });
  return Promise.all([
    consume('catalog.events', 'learning-catalog', onCourseChanged({ courses, onChange })),
    consume('identity.events', 'learning-identity', onMemberChanged({ members, onChange })),
    consume('assessment.events', 'learning-assessment', onAttemptGraded({ recorder })),
    consumeGroups({ log, logger, service: 'learning', store }),
    consumeStatements({ log, publicUrl, statements, metrics }),
    consumePersonalDataRequests({
      log,
      logger,
      service: 'learning',
      topic: 'learning.events',
      tables: personalTablesOfLearning,
      database: store,
    }),
  ]);
}
