import type { Statement } from './statement.ts';
import { statementColumns } from './statement-line.ts';

/** What a consumer of the log sees of a statement without parsing it, and the parsed statement on demand. */
export interface LoggedStatement {
  id: string;
  /** As in the statement: `2026-11-21T10:00:00.000000Z`. */
  stored: string;
  verb: string;
  objectType: string;
  /** Empty where the object is no Activity. */
  activity: string;
  /** See agentKey; empty for an anonymous group. */
  actor: string;
  /** The statement's JSON with the client's own strings and numbers. */
  text: string;
  /** Parses the text, anew at each call. */
  parse(): Statement;
}

const unescapes: Record<string, string> = { t: '\t', n: '\n', r: '\r', b: '\b', f: '\f', 0: '\0' };

function unescaped(text: string): string {
  if (!text.includes('\\')) return text;
  return text.replace(/\\(.)/gs, (_all, letter: string) => unescapes[letter] ?? letter);
}

/** Reads a line of {@link encodeLine}, without its line break; null when it is none. */
export function decodeLine(line: string): LoggedStatement | null {
  const columns = line.split('\t');
  if (columns.length !== statementColumns.length) return null;
  const [id = '', stored = '', , verb = '', objectType = '', activity = '', actor = ''] = columns;
  const text = unescaped(columns.at(-1) ?? '');
  return {
    id,
    stored: `${stored.replace(' ', 'T')}Z`,
    verb: unescaped(verb),
    objectType,
    activity: unescaped(activity),
    actor: unescaped(actor),
    text,
    parse: () => JSON.parse(text) as Statement,
  };
}
