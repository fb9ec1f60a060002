import { typedValues, valuesOf, type PersonalDataReport, type PersonalDataRequest } from './request.ts';
import type { Sql } from '../sql.ts';
import { personalTables, type Erasure, type PersonalTable, type TableDecisions } from './tables.ts';

/** Does with each table what it says, in their order. Answers what was done; what there was none of is left out. */
export async function eraseRows(
  sql: Sql,
  tables: TableDecisions,
  request: PersonalDataRequest,
): Promise<PersonalDataReport[]> {
  const report: PersonalDataReport[] = [];
  for (const [name, table] of personalTables(tables)) {
    for (const step of table.erasure) {
      const count = await runStep(sql, name, table, step, request);
      const reason = 'reason' in step ? { reason: step.reason } : {};
      if (count > 0) report.push({ what: table.what, action: step.action, count, ...reason });
    }
  }
  return report;
}

async function runStep(
  sql: Sql,
  name: string,
  table: PersonalTable,
  step: Erasure,
  request: PersonalDataRequest,
): Promise<number> {
  const condition = `(${table.where}) AND (${step.where ?? 'true'}) AND ${typedValues}`;
  const values = valuesOf(request);
  if (step.action === 'DELETED') return sql.execute(`DELETE FROM "${name}" t WHERE ${condition}`, values);
  if (step.action === 'REPLACED')
    return sql.execute(`UPDATE "${name}" t SET ${step.set} WHERE ${condition}`, values);
  const [row] = await sql.query<{ count: number }>(
    `SELECT count(*)::int AS count FROM "${name}" t WHERE ${condition}`,
    values,
  );
  return row?.count ?? 0;
}
