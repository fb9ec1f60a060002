import { DEFAULT_MAX_QUERY_SIZE, MAX_QUERY_SIZE } from '../engine/configuration.ts';
import { ClickHouseException } from '../exception.ts';
import { tokenize } from '../sql/tokens.ts';

/** The setting in bytes, as a server reads it: `1000000`, `1M`, `1Mi`; 0 is no limit. */
const SIZE = /^(\d+)(?:([KMGT])(i?))?$/;
const POWERS = ['', 'K', 'M', 'G', 'T'];
/** Where a statement's own SETTINGS are looked for: at its end. */
const SETTINGS_BYTES = 4096;
/** SHOW_CHARS_ON_SYNTAX_ERROR of a server. */
const SHOWN_CHARACTERS = 160;

/**
 * The value of the parameter max_query_size, in bytes.
 *
 * @throws ClickHouseException CANNOT_PARSE_INPUT_ASSERTION_FAILED, as SET does
 */
export function readMaxQuerySize(value: string): number {
  const match = SIZE.exec(value);
  if (match === null) {
    const rest = value.replace(/^\d+[KMGT]?i?/, '');
    throw new ClickHouseException(
      27,
      'CANNOT_PARSE_INPUT_ASSERTION_FAILED',
      `Cannot parse input: expected 'eof' before: '${rest}'.`,
    );
  }
  const [, digits = '', prefix = '', binary] = match;
  return Number(digits) * (binary === 'i' ? 1024 : 1000) ** POWERS.indexOf(prefix);
}

/** The longest statement that a request may send, in bytes. A session may have SET more: there the engine judges. */
export function sizeLimit(maxQuerySize: number | undefined, isInSession: boolean): number {
  if (maxQuerySize === undefined) return isInSession ? MAX_QUERY_SIZE : DEFAULT_MAX_QUERY_SIZE;
  return maxQuerySize === 0 ? MAX_QUERY_SIZE : Math.min(maxQuerySize, MAX_QUERY_SIZE);
}

/**
 * Refuses what is longer than `limit`, unless the statement's own SETTINGS say that it may be: whether they do is then
 * for the engine to judge.
 *
 * @param statement without the rows of an insert
 * @throws ClickHouseException SYNTAX_ERROR, in the words of a server
 */
export function requireSize(statement: Buffer, limit: number): void {
  if (statement.length <= Math.max(limit, ownLimit(statement))) return;
  throw sizeExceeded(statement, limit);
}

// It is enough to look for the name: where it stands in a string or a comment, the engine refuses what is too long.
function ownLimit(statement: Buffer): number {
  const end = statement.subarray(-SETTINGS_BYTES).toString('latin1');
  const value = /\bmax_query_size\s*=\s*'?(\w+)/i.exec(end)?.[1];
  return value !== undefined && SIZE.test(value) ? sizeLimit(readMaxQuerySize(value), false) : 0;
}

// ClickHouse, src/Parsers/parseQuery.cpp, getLexicalErrorMessage: it reads one byte beyond the limit, and shows the token
// that crosses it. Positions count bytes from 1: latin1 maps them one to one.
function sizeExceeded(statement: Buffer, limit: number): ClickHouseException {
  const text = statement.toString('latin1', 0, limit + 1);
  const start = startOfCrossing(text, limit);
  const shown = shorten(text.slice(start));
  const place = text.includes('\n') ? ` ${lineAndColumn(text.slice(0, start))}` : '';
  const upTo = limit === MAX_QUERY_SIZE ? ` up to ${MAX_QUERY_SIZE}` : '';
  return new ClickHouseException(
    62,
    'SYNTAX_ERROR',
    `Max query size exceeded (can be increased with the \`max_query_size\` setting${upTo}): Syntax error: ` +
      `failed at position ${start + 1} (${shown.text}${shown.isCut ? '...' : ''})${place}: ` +
      `${shown.text}${shown.isCut ? '... ' : '. '}.`,
  );
}

// Of a token, or of the spaces or the comment behind one.
function startOfCrossing(text: string, limit: number): number {
  let behind = 0;
  for (const { start, end } of tokenize(text)) {
    if (end > limit) return start > limit ? behind : start;
    behind = end;
  }
  return behind;
}

function shorten(latin1: string): { text: string; isCut: boolean } {
  const characters = Array.from(Buffer.from(latin1.slice(0, 4 * SHOWN_CHARACTERS + 1), 'latin1').toString());
  const text = characters.slice(0, SHOWN_CHARACTERS).join('');
  return { text, isCut: characters.length > SHOWN_CHARACTERS };
}

function lineAndColumn(before: string): string {
  const lines = before.split('\n');
  return `(line ${lines.length}, col ${(lines.at(-1)?.length ?? 0) + 1})`;
}
