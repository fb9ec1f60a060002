import { insertOutbox, type OutboxRow } from '@lyceum/events';
import type { Connection } from './store.ts';

export function outboxStore(db: Connection) {
  return {
    insert: (rows: readonly OutboxRow[]) =>
      insertOutbox((sql, params) => db.$executeRawUnsafe(sql, ...params), rows),
  };
}
