import { decodeLine } from '@lyceum/xapi';
import type { FoundStatement } from '../query/select-statements.ts';
import { storedOfIso } from '../query/stored.ts';

const newline = 10;

/** The statement of a line, by its place, in the value of a record of topic `statements`; null where it has none. */
export function statementOfLine(value: Buffer, place: number): FoundStatement | null {
  let start = 0;
  for (let line = 0; line < place; line += 1) {
    start = value.indexOf(newline, start) + 1;
    if (start === 0) return null;
  }
  const end = value.indexOf(newline, start);
  const logged = end < 0 ? null : decodeLine(value.toString('utf8', start, end));
  if (logged === null) return null;
  return { id: logged.id, stored: storedOfIso(logged.stored), text: logged.text };
}
