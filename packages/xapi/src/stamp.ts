import { agentKey } from './agent-key.ts';
import { withoutMembers } from './json-text.ts';
import type { Actor, Statement } from './statement.ts';
import { formatMicros, timestampMicros } from './timestamp.ts';
import { uuidV7 } from './uuid.ts';

/** What an LRS adds to a statement before it keeps it (Data 2.4.1, 2.4.7 to 2.4.10). */
export interface Stamp {
  /** Who answers for the statement: the credential that brought it, whatever the client says. */
  authority: Actor;
  /** The version of statements that do not name theirs: 1.0.0 or 2.0.0. */
  version: string;
}

/** A statement ready to be kept: its text is what readers will get. */
export interface StampedStatement {
  /** Lower case, as ids are compared. */
  id: string;
  /** Whether the id was made here: nobody can have used it before. */
  idMade: boolean;
  stored: string;
  timestamp: string;
  /** {@link agentKey} of the authority. */
  authority: string;
  /** The client's text with the stamped properties at its end, free of tabs and line breaks. */
  text: string;
  statement: Statement;
}

/**
 * Gives one statement its stamp. `text` is the statement's own JSON, free of tabs and line breaks; `id` is what a
 * client that sent none in the statement named elsewhere (PUT).
 */
export type Stamper = (statement: Statement, text: string, stored: string, id?: string) => StampedStatement;

/** A stamper for the statements of one request. */
export function createStamper({ authority, version }: Stamp): Stamper {
  const authorityText = `"authority":${JSON.stringify(authority)}}`;
  const authorityKey = agentKey(authority) ?? '';
  return (statement, text, stored, givenId) => {
    const id = (statement.id ?? givenId)?.toLowerCase() ?? uuidV7();
    let added = `,"stored":"${stored}",`;
    if (statement.id === undefined) added += `"id":"${id}",`;
    if (statement.timestamp === undefined) added += `"timestamp":"${stored}",`;
    if (statement.version === undefined) added += `"version":"${version}",`;
    const own = withoutStamps(statement, text);
    return {
      id,
      idMade: (statement.id ?? givenId) === undefined,
      stored,
      timestamp: statement.timestamp ?? stored,
      authority: authorityKey,
      text: own.slice(0, -1) + added + authorityText,
      statement,
    };
  };
}

/**
 * A stamper for an import of what another store kept, or this one before: `stored` and authority stay as the statement says
 * them, where it does; the rest is added as to any other.
 */
export function createOriginalStamper({ authority, version }: Stamp): Stamper {
  return (statement, text, stored, givenId) => {
    const id = (statement.id ?? givenId)?.toLowerCase() ?? uuidV7();
    const kept = statement.stored ?? stored;
    const answers = statement.authority ?? authority;
    let added = '';
    if (statement.stored === undefined) added += `,"stored":"${stored}"`;
    if (statement.id === undefined) added += `,"id":"${id}"`;
    if (statement.timestamp === undefined) added += `,"timestamp":"${kept}"`;
    if (statement.version === undefined) added += `,"version":"${version}"`;
    if (statement.authority === undefined) added += `,"authority":${JSON.stringify(authority)}`;
    return {
      id,
      idMade: (statement.id ?? givenId) === undefined,
      // In the form of our own: lines are read by its length.
      stored: formatMicros(timestampMicros(kept)),
      timestamp: statement.timestamp ?? kept,
      authority: agentKey(answers) ?? '',
      text: added === '' ? text : `${text.slice(0, -1)}${added}}`,
      statement,
    };
  };
}

/** What the client says of `stored` and `authority` does not count, and must not be there twice. */
function withoutStamps(statement: Statement, text: string): string {
  if (statement.stored === undefined && statement.authority === undefined) return text;
  return withoutMembers(text, ['stored', 'authority']);
}
