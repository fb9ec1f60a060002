import type { LoggedStatement } from '@lyceum/xapi';
import { statementRow, type StatementRow } from '../store/statement-row.ts';

/** A statement from the log as it will be read from ClickHouse. */
export function rowOfLogged({ id, stored, text }: LoggedStatement): StatementRow {
  return statementRow(id, stored, text);
}
