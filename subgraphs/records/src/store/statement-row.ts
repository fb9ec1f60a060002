import type { Statement } from '@lyceum/xapi';

/** A statement as readers get it. */
export interface StatementRow {
  readonly id: string;
  /** ISO 8601 in UTC, in microseconds. */
  readonly stored: string;
  /** The statement's JSON. */
  readonly text: string;
  /** What the text says; parsed when it is first asked for. */
  readonly statement: Statement;
}

/** @param stored as ClickHouse or the log has it: `2026-11-21 10:00:00.000000` or `2026-11-21T10:00:00.000000Z` */
export function statementRow(id: string, stored: string, text: string): StatementRow {
  let parsed: Statement | undefined;
  return {
    id,
    stored: stored.endsWith('Z') ? stored : `${stored.replace(' ', 'T')}Z`,
    text,
    get statement() {
      return (parsed ??= JSON.parse(text) as Statement);
    },
  };
}
