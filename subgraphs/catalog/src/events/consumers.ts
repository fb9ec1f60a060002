import type { Consumer, EventLog } from '@lyceum/events';
import { consumePersonalDataRequests } from '@lyceum/events/personal-data';
import type { Logger } from '@lyceum/service';
import { personalTablesOfCatalog } from '../store/personal-tables.ts';
import type { Database } from '../store/store.ts';

/** Begins to hear what the others tell: each topic, in which group, and what is done about it. */
export function startConsumers(options: {
  log: EventLog;
  logger: Logger;
  store: Database;
}): Promise<Consumer[]> {
  const { log, logger, store } = options;
  return Promise.all([
    consumePersonalDataRequests({
      log,
      logger,
      service: 'catalog',
      topic: 'catalog.events',
      tables: personalTablesOfCatalog,
      database: store,
    }),
  ]);
}
