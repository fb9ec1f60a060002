import { ClickHouseException } from '../exception.ts';
import { findDataInsert, type DataInsert } from './data-insert.ts';
import { createFormatFinder, type FormatClause, type ReadingStatement } from './result-file.ts';
import { isSymbol, isWord, tokenize, type Token } from './tokens.ts';

/**
 * What the endpoint has to know of a statement before the engine sees it:
 * - `read`: answers with rows, changes nothing
 * - `data-insert`: an INSERT whose rows follow the statement
 * - `context`: SET or USE, which changes no data
 * - `write`: everything else
 */
export type Statement = PlainStatement | { kind: 'data-insert'; insert: DataInsert };

/** A statement that is whole in its text. */
export type PlainStatement =
  ({ kind: 'read' } & ReadingStatement) | { kind: 'context'; text: string } | { kind: 'write'; text: string };

/** What was seen of a statement while its tokens went by: one may have millions, so that they are not kept. */
interface Survey {
  /** Where its last token ends. */
  end: number;
  /** The first token that is no bracket. */
  first: Token | undefined;
  insertsBehindWith: boolean;
  format: FormatClause | undefined;
}

const READING = ['SELECT', 'FROM', 'SHOW', 'DESCRIBE', 'DESC', 'EXPLAIN', 'EXISTS', 'CHECK'];

/**
 * Reads one statement.
 *
 * @param text the query, with the beginning of an insert's data where the request has them together
 * @throws ClickHouseException SYNTAX_ERROR for an empty query or several statements, NOT_IMPLEMENTED for files
 */
export function readStatement(text: string): Statement {
  const insert = findDataInsert(text);
  return insert === undefined ? readPlainStatement(text) : { kind: 'data-insert', insert };
}

/** {@link readStatement} where the text is known to be no insert of rows. */
export function readPlainStatement(text: string): PlainStatement {
  const survey = surveyStatement(text);
  const kind = kindOf(survey);
  const own = text.slice(0, survey.end);
  return kind === 'read' ? { kind, text: own, format: survey.format } : { kind, text: own };
}

function surveyStatement(text: string): Survey {
  const survey: Survey = { end: 0, first: undefined, insertsBehindWith: false, format: undefined };
  const formats = createFormatFinder();
  const refuseFiles = createFileGuard();
  for (const token of singleStatement(text)) {
    survey.end = token.end;
    if (!isSymbol(token, '(')) survey.first ??= token;
    if (token.depth === 0 && isWord(token, 'INSERT')) survey.insertsBehindWith = true;
    formats.take(token);
    refuseFiles(token);
  }
  survey.format = formats.found();
  return survey;
}

// Several statements are refused as the server refuses them; a trailing semicolon is left out.
function* singleStatement(text: string): Generator<Token> {
  let semicolon: Token | undefined;
  let isEmpty = true;
  for (const token of tokenize(text)) {
    if (isSymbol(token, ';')) semicolon ??= token;
    else if (semicolon !== undefined && !isEmpty) throw severalStatements(text, semicolon);
    else if (semicolon === undefined) {
      isEmpty = false;
      yield token;
    }
  }
  if (isEmpty) throw syntaxError('Empty query');
}

function kindOf({ first, insertsBehindWith }: Survey): 'read' | 'context' | 'write' {
  if (isWord(first, 'WITH')) return insertsBehindWith ? 'write' : 'read';
  if (isWord(first, ...READING)) return 'read';
  return isWord(first, 'SET', 'USE') ? 'context' : 'write';
}

// The engine in process would read and write this machine's files, as clickhouse-client does on the client's side.
function createFileGuard(): (token: Token) => void {
  let [second, last]: (Token | undefined)[] = [];
  return (token) => {
    const writes = isWord(last, 'INTO') && isWord(token, 'OUTFILE');
    const reads = isWord(second, 'FROM') && isWord(last, 'INFILE') && token.kind === 'string';
    if (writes || reads) {
      const message = 'INTO OUTFILE and FROM INFILE are not available over HTTP';
      throw new ClickHouseException(48, 'NOT_IMPLEMENTED', message);
    }
    [second, last] = [last, token];
  };
}

function severalStatements(text: string, semicolon: Token): ClickHouseException {
  const position = semicolon.start + 1;
  const rest = text.slice(semicolon.start, position + 80);
  return syntaxError(
    `Syntax error (Multi-statements are not allowed): failed at position ${position} (end of query): ${rest}. .`,
  );
}

function syntaxError(message: string): ClickHouseException {
  return new ClickHouseException(62, 'SYNTAX_ERROR', message);
}
