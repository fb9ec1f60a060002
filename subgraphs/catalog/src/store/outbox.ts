import type { Connection } from './store.ts';

/** An event as it goes to the log. */
export interface OutboxRow {
  readonly topic: string;
  readonly key: string;
  readonly value: string;
  readonly headers: Readonly<Record<string, string>>;
}

export function outboxStore(db: Connection) {
  return {
    insert: (rows: readonly OutboxRow[]) =>
      db.outbox.createMany({ data: rows.map((row) => ({ ...row, headers: { ...row.headers } })) }),
  };
}
