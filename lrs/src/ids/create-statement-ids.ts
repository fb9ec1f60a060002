import type { EventLog } from '@lyceum/events';
import type { Query } from '@lyceum/postgres';
import type { SelectByIds } from '../query/statements-by-id.ts';
import { claimWrites } from '../store/claim-writes.ts';
import type { Store } from '../store/store.ts';
import { createDatabaseIds } from './database-ids.ts';
import type { SelectDropped } from './dropped-statements.ts';
import { createLogIds } from './log-ids.ts';
import type { StatementIds } from './statement-ids.ts';
import type { WithoutErased } from './without-erased.ts';

/** The ids of this installation: in the log where the log can hold them, else in PostgreSQL. */
export async function createStatementIds(o: {
  log: Pick<EventLog, 'append' | 'claims'>;
  store: Pick<Store, 'statementClaims'>;
  query: Query;
  selectByIds: SelectByIds;
  selectDropped: SelectDropped;
  withoutErased: WithoutErased;
}): Promise<StatementIds> {
  const { log, store, query, ...reading } = o;
  if (log.claims === undefined) {
    const append = (records: Parameters<EventLog['append']>[0]) => log.append(records);
    return createDatabaseIds({
      claims: store.statementClaims,
      writes: claimWrites(query),
      append,
      ...reading,
    });
  }
  await log.claims.open();
  return createLogIds({ claims: log.claims, ...reading });
}
