import type { OutboxRow } from '../contracts/domain-event.ts';
import type { Sql } from '../sql.ts';
import { insertOutbox } from './insert-outbox.ts';

/** The outbox as a part of a service's store: what it writes is told if the transaction of `sql` commits, else never. */
export function outboxStore(sql: Sql) {
  return {
    insert: (rows: readonly OutboxRow[]) => insertOutbox((text, values) => sql.execute(text, values), rows),
  };
}
