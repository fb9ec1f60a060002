import { ClickHouseException } from '../exception.ts';
import { findDataInsert, type DataInsert } from './data-insert.ts';
import { isSymbol, isWord, tokenize, type Token } from './tokens.ts';

/**
 * What the endpoint has to know of a statement before the engine sees it:
 * - `read`: answers with rows, changes nothing
 * - `data-insert`: an INSERT whose rows follow the statement
 * - `context`: SET or USE, which changes no data
 * - `write`: everything else
 */
export type Statement =
  | { kind: 'read'; text: string; tokens: readonly Token[] }
  | { kind: 'data-insert'; insert: DataInsert }
  | { kind: 'context'; text: string }
  | { kind: 'write'; text: string };

const READING = ['SELECT', 'FROM', 'SHOW', 'DESCRIBE', 'DESC', 'EXPLAIN', 'EXISTS', 'CHECK'];

/**
 * Reads one statement.
 *
 * @param text the query, with the beginning of an insert's data where the request has them together
 * @throws ClickHouseException SYNTAX_ERROR for an empty query or several statements, NOT_IMPLEMENTED for files
 */
export function readStatement(text: string): Statement {
  const insert = findDataInsert(text);
  if (insert !== undefined) return { kind: 'data-insert', insert };
  const tokens = [...tokenize(text)];
  const statement = singleStatement(text, tokens);
  refuseFiles(statement.tokens);
  const kind = kindOf(statement.tokens);
  return kind === 'read' ? { kind, ...statement } : { kind, text: statement.text };
}

// Several statements are refused as the server refuses them; a trailing semicolon is cut off.
function singleStatement(text: string, tokens: readonly Token[]): { text: string; tokens: readonly Token[] } {
  const end = tokens.findIndex((token) => isSymbol(token, ';'));
  const own = end === -1 ? tokens : tokens.slice(0, end);
  const next = end === -1 ? undefined : tokens.slice(end).find((token) => !isSymbol(token, ';'));
  if (own.length === 0) throw syntaxError('Empty query');
  if (next !== undefined) {
    const position = (tokens[end]?.start ?? 0) + 1;
    const rest = text.slice(position - 1, position + 80);
    throw syntaxError(
      `Syntax error (Multi-statements are not allowed): failed at position ${position} (end of query): ${rest}. .`,
    );
  }
  return { text: text.slice(0, own.at(-1)?.end), tokens: own };
}

function kindOf(tokens: readonly Token[]): 'read' | 'context' | 'write' {
  const first = tokens.find((token) => !isSymbol(token, '('));
  if (isWord(first, 'WITH')) {
    return tokens.some((token) => token.depth === 0 && isWord(token, 'INSERT')) ? 'write' : 'read';
  }
  if (isWord(first, ...READING)) return 'read';
  return isWord(first, 'SET', 'USE') ? 'context' : 'write';
}

// The engine in process would read and write this machine's files, as clickhouse-client does on the client's side.
function refuseFiles(tokens: readonly Token[]): void {
  const file = tokens.find(
    (token, index) =>
      (isWord(token, 'INTO') && isWord(tokens[index + 1], 'OUTFILE')) ||
      (isWord(token, 'FROM') && isWord(tokens[index + 1], 'INFILE') && tokens[index + 2]?.kind === 'string'),
  );
  if (file === undefined) return;
  throw new ClickHouseException(
    48,
    'NOT_IMPLEMENTED',
    'INTO OUTFILE and FROM INFILE are not available over HTTP',
  );
}

function syntaxError(message: string): ClickHouseException {
  return new ClickHouseException(62, 'SYNTAX_ERROR', message);
}
