import { consumeDomainEvents, type Consumer, type EventLog } from '@lyceum/events';
import { consumeGroups } from '@lyceum/events/groups';
import { consumePersonalDataRequests } from '@lyceum/events/personal-data';
import type { Logger } from '@lyceum/service';
import { personalTablesOfAssessment } from '../store/personal-tables.ts';
import type { Database } from '../store/store.ts';
import { onCourseChanged } from './on-course-changed.ts';
import { onEnrolmentChanged } from './on-enrolment-changed.ts';

/** Begins to hear what the others tell: each topic, in which group, and what is done about it. */
export function startConsumers(options: {
  log: EventLog;
  logger: Logger;
  store: Database;
}): Promise<Consumer[]> {
  const { log, logger, store } = options;
  return Promise.all([
    consumeDomainEvents({
      log,
      logger,
      topics: ['catalog.events', 'learning.events'],
      group: 'assessment',
      handlers: { ...onCourseChanged({ store }), ...onEnrolmentChanged({ store }) },
    }),
    consumeGroups({ log, logger, service: 'assessment', store }),
    consumePersonalDataRequests({
      log,
      logger,
      service: 'assessment',
      topic: 'assessment.events',
      tables: personalTablesOfAssessment,
      database: store,
    }),
  ]);
}
