import { agentKey } from './agent-key.ts';
import { decodeLine } from './decode-line.ts';
import { erasePerson, type ErasedPerson } from './erase-person.ts';
import { indexStatement } from './statement-index.ts';
import { replacePeople, type PeopleColumns } from './statement-line.ts';
import type { Statement } from './statement.ts';

/** A statement's text without a person, and the columns that follow from it; null where they are not in it any more. */
export function erasedStatement(text: string, person: ErasedPerson): PeopleColumns | null {
  const erased = erasePerson(text, person);
  if (erased === text) return null;
  const statement = JSON.parse(erased) as Statement;
  const { actor, relatedAgents } = indexStatement(statement);
  const authority = statement.authority === undefined ? null : agentKey(statement.authority);
  return { actor, relatedAgents, authority: authority ?? '', text: erased };
}

/** A line of a record of the log (statementColumns), without its line break, without a person; the line where it can't be read. */
export function erasedLine(line: string, person: ErasedPerson): string {
  const logged = decodeLine(line);
  const erased = logged && erasedStatement(logged.text, person);
  return erased ? replacePeople(line, erased) : line;
}
