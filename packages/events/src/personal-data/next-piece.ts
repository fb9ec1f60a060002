import { typedValues, valuesOf, type PersonalDataRequest } from './request.ts';
import type { Sql } from '../sql.ts';
import type { PersonalTable } from './tables.ts';

/** Of what a piece says, in UTF-8. */
export const pieceBytes = 256 * 1_024;

/** Rows that are looked at for one piece. */
const mostRows = 2_000;

export interface RowsOfPiece {
  /** Whole lines; more than one piece only of a line that is longer than one. */
  readonly contents: readonly string[];
  readonly rows: number;
  /** The key of the last. */
  readonly last: string;
}

/** A person's next rows of a table after one, as lines of JSON; undefined where there are no more. */
export async function selectPiece(
  sql: Sql,
  [name, table]: readonly [string, PersonalTable],
  request: PersonalDataRequest,
  after: string,
): Promise<RowsOfPiece | undefined> {
  const rows = await sql.query<{ key: string; line: string }>(statementOf(name, table), [
    ...valuesOf(request),
    after,
  ]);
  const last = rows.at(-1);
  if (!last) return undefined;
  const text = rows.map(({ line }) => `${line}\n`).join('');
  return { contents: cutPieces(text), rows: rows.length, last: last.key };
}

/** The database adds up the sizes, so that no more than one piece comes over, however large rows are. */
function statementOf(
  name: string,
  { where, columns, expressions = {}, key = 't.id' }: PersonalTable,
): string {
  const fields = [
    ...columns.map((column) => `'${camelCase(column)}', t."${column}"`),
    ...Object.entries(expressions).map(([field, expression]) => `'${field}', ${expression}`),
  ].join(', ');
  return `
    SELECT key, line FROM (
      SELECT key, line, octet_length(line) + 1 AS size, sum(octet_length(line) + 1) OVER (ORDER BY key) AS upto
      FROM (
        SELECT ${key} AS key, json_build_object(${fields})::text AS line
        FROM "${name}" t
        WHERE (${where}) AND ${typedValues} AND ${key} > $5
        ORDER BY ${key} LIMIT ${mostRows}
      ) AS row
    ) AS sized
    WHERE upto <= ${pieceBytes} OR upto = size
    ORDER BY key`;
}

const camelCase = (column: string) =>
  column.replaceAll(/_(\w)/g, (_, letter: string) => letter.toUpperCase());

/** In pieces of the size; a character is never cut. */
export function cutPieces(text: string): string[] {
  const bytes = Buffer.from(text);
  const parts: string[] = [];
  for (let from = 0; from < bytes.length;) {
    let to = Math.min(from + pieceBytes, bytes.length);
    // A byte 10xxxxxx goes on with the character before it (RFC 3629, 3).
    while (to < bytes.length && ((bytes[to] ?? 0) & 0xc0) === 0x80) to -= 1;
    parts.push(bytes.toString('utf8', from, to));
    from = to;
  }
  return parts;
}
