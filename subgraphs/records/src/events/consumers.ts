import { consumeDomainEvents, type Consumer, type EventLog } from '@lyceum/events';
import { consumePersonalDataRequests } from '@lyceum/events/personal-data';
import type { Logger } from '@lyceum/service';
import type { Database } from '../store/database.ts';
import { personalTablesOfRecords } from '../store/personal-tables.ts';
import type { Store } from '../store/store.ts';
import { onCourseChanged } from './on-course-changed.ts';
import type { ForwardingEvents } from './forwarding-events.ts';
import { onForwardingProgressed } from './on-forwarding-progressed.ts';
import { onStoreJobProgressed } from './on-store-job-progressed.ts';

/** Begins to hear what the others tell: each topic, in which group, and what is done about it. */
export function startConsumers(options: {
  log: EventLog;
  logger: Logger;
  store: Store;
  database: Database;
  forwardingEvents: ForwardingEvents;
  publicUrl: string;
}): Promise<Consumer[]> {
  const { log, logger, store, database, publicUrl, forwardingEvents: events } = options;
  return Promise.all([
    consumeDomainEvents({
      log,
      logger,
      topics: ['catalog.events'],
      group: 'records',
      handlers: onCourseChanged({ store, publicUrl }),
    }),
    consumeDomainEvents({
      log,
      logger,
      topics: ['lrs.events'],
      group: 'records-store-jobs',
      handlers: onStoreJobProgressed({ database }),
    }),
    consumeDomainEvents({
      log,
      logger,
      topics: ['lrs.events'],
      group: 'records-statement-forwardings',
      handlers: onForwardingProgressed({ database, events }),
    }),
    consumePersonalDataRequests({
      log,
      logger,
      service: 'records',
      topic: 'records.events',
      tables: personalTablesOfRecords,
      database,
    }),
  ]);
}
