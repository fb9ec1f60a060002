import { consumeDomainEvents, type Consumer, type EventLog } from '@lyceum/events';
import type { Logger } from '@lyceum/service';
import type { Store } from '../store/store.ts';
import { onCourseChanged } from './on-course-changed.ts';

/** Begins to hear what the others tell: each topic, in which group, and what is done about it. */
export function startConsumers(options: {
  log: EventLog;
  logger: Logger;
  store: Store;
  publicUrl: string;
}): Promise<Consumer[]> {
  const { log, logger, store, publicUrl } = options;
  return Promise.all([
    consumeDomainEvents({
      log,
      logger,
      topics: ['catalog.events'],
      group: 'records',
      handlers: onCourseChanged({ store, publicUrl }),
    }),
  ]);
}
