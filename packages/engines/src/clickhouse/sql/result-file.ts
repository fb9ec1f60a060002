import { quoteString } from './quote.ts';
import { isWord, type Token } from './tokens.ts';

/** A reading statement, with its FORMAT clause if it has one. */
export interface ReadingStatement {
  text: string;
  format: FormatClause | undefined;
}

/** `FORMAT name`: where it begins in the text, and the name. */
export interface FormatClause {
  start: number;
  name: string;
}

/** Looks for the FORMAT clause of a statement whose tokens pass by. */
export interface FormatFinder {
  take(token: Token): void;
  /** To be called when the last token has passed. */
  found(): FormatClause | undefined;
}

/** Words after which `format` names something rather than begins the clause. */
const EXPRESSION_FOLLOWS = [
  'SELECT', 'DISTINCT', 'BY', 'AS', 'WHERE', 'PREWHERE', 'HAVING', 'AND', 'OR', 'NOT', 'IN', 'ON', 'USING', 'FROM', 'JOIN',
  'TABLE', 'DESCRIBE', 'DESC', 'EXISTS', 'CASE', 'WHEN', 'THEN', 'ELSE', 'LIKE', 'ILIKE', 'BETWEEN', 'LIMIT', 'OFFSET',
]; // prettier-ignore

/** `statement` such that the engine writes its rows to `path`. */
export function readIntoFile(
  { text, format }: ReadingStatement,
  path: string,
  defaultFormat: string,
): string {
  const outfile = `INTO OUTFILE ${quoteString(path)} APPEND`;
  if (format === undefined) return `${text}\n${outfile} FORMAT ${defaultFormat}`;
  return `${text.slice(0, format.start)}${outfile} ${text.slice(format.start)}`;
}

/** The format in which a statement's rows come: that of its own FORMAT clause, or the default. */
export function formatOf({ format }: ReadingStatement, defaultFormat: string): string {
  return format?.name ?? defaultFormat;
}

/** A finder of the FORMAT clause: the last one counts, and is told by its neighbours. */
export function createFormatFinder(): FormatFinder {
  let clause: FormatClause | undefined;
  let [before, word, name]: (Token | undefined)[] = [];

  function judge(after: Token | undefined): void {
    if (word === undefined || name?.kind !== 'word' || !beginsClause(before, word)) return;
    if (after === undefined || isWord(after, 'SETTINGS')) clause = { start: word.start, name: name.text };
  }
  return {
    take(token) {
      judge(token);
      [before, word, name] = [word, name, token];
    },
    found() {
      judge(undefined);
      return clause;
    },
  };
}

function beginsClause(before: Token | undefined, word: Token): boolean {
  if (word.depth > 0 || !isWord(word, 'FORMAT')) return false;
  if (before === undefined || isWord(before, ...EXPRESSION_FOLLOWS)) return false;
  return before.kind !== 'symbol' || [')', ']', '}', '*'].includes(before.text);
}
