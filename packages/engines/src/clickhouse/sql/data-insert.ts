import { quoteString } from './quote.ts';
import { isSymbol, isWord, tokenize, type Token } from './tokens.ts';

/** An INSERT whose rows follow it, taken apart. Offsets count characters of the text that was given. */
export interface DataInsert {
  /** `INSERT INTO t (a, b)`: up to where a source of rows is named. */
  head: string;
  /** `SETTINGS a = 1`, or empty. */
  settings: string;
  format: string;
  /** Where the rows begin. */
  dataStart: number;
  /** Set where the rows go through `SELECT ... FROM input('structure')`. */
  input: InputCall | undefined;
}

/** The place of `input('structure')` in the head. */
interface InputCall {
  start: number;
  end: number;
  structure: string;
}

/** Where the rows of an insert lie, and how they are compressed ('none', 'gzip' ...). */
export interface RowFile {
  path: string;
  compression: string;
}

/**
 * Recognises `INSERT INTO ... FORMAT X` and `INSERT INTO ... VALUES`, reading no further than that.
 * An INSERT ... SELECT is one only if it reads from `input()`.
 */
export function findDataInsert(text: string): DataInsert | undefined {
  const tokens: Token[] = [];
  for (const token of tokenize(text)) {
    if (token.depth === 0 && (isSymbol(token, ';') || isWord(token, 'INFILE'))) return undefined;
    tokens.push(token);
    if (tokens.length === 1 && !isWord(token, 'INSERT')) return undefined;
    if (endsHead(tokens)) return dissect(text, tokens);
  }
  return undefined;
}

/** The statement that makes the engine read the insert's rows from `file`. */
export function insertFromFile(insert: DataInsert, file: RowFile): string {
  const { head, settings, format, input } = insert;
  if (input === undefined) {
    const source = `FROM INFILE ${quoteString(file.path)} COMPRESSION ${quoteString(file.compression)}`;
    return `${head} ${source} ${settings} FORMAT ${format}`;
  }
  const call = `file(${quoteString(file.path)}, ${quoteString(format)}, ${input.structure}, ${quoteString(file.compression)})`;
  return `${head.slice(0, input.start)}${call}${head.slice(input.end)} ${settings}`;
}

// The last token is VALUES, or the name behind FORMAT, at the statement's own level and behind the table's name.
function endsHead(tokens: readonly Token[]): boolean {
  const last = tokens.at(-1);
  if (last === undefined || last.depth > 0 || tokens.length <= tableNameIndex(tokens) + 1) return false;
  if (isWord(last, 'VALUES')) return !hasSelect(tokens);
  const isFormatName =
    last.kind === 'word' && isWord(tokens.at(-2), 'FORMAT') && tokens.length > tableNameIndex(tokens) + 2;
  return isFormatName && (!hasSelect(tokens) || findInput(tokens) !== undefined);
}

function tableNameIndex(tokens: readonly Token[]): number {
  let index = 1;
  while (isWord(tokens[index], 'INTO', 'TABLE', 'FUNCTION')) index += 1;
  return index;
}

function hasSelect(tokens: readonly Token[]): boolean {
  return tokens.some((token) => isWord(token, 'SELECT'));
}

function dissect(text: string, tokens: readonly Token[]): DataInsert {
  const last = tokens[tokens.length - 1];
  const isValues = isWord(last, 'VALUES');
  const headTokens = tokens.slice(0, isValues ? -1 : -2);
  const settingsAt = headTokens.findIndex((token) => token.depth === 0 && isWord(token, 'SETTINGS'));
  const headEnd = headTokens.at(-1)?.end ?? 0;
  const split = settingsAt === -1 ? headEnd : (headTokens[settingsAt]?.start ?? headEnd);
  const end = last?.end ?? 0;
  return {
    head: text.slice(0, split).trimEnd(),
    settings: text.slice(split, headEnd),
    format: isValues ? 'Values' : (last?.text ?? ''),
    dataStart: isValues ? end : afterLineEnd(text, end),
    input: hasSelect(headTokens) ? findInput(headTokens) : undefined,
  };
}

// Behind the format's name: blanks, then at most one line end, belong to the statement (ParserInsertQuery.cpp).
function afterLineEnd(text: string, from: number): number {
  const blank = /[ \t\f]*\r?\n?/y;
  blank.lastIndex = from;
  return blank.exec(text) === null ? from : blank.lastIndex;
}

function findInput(tokens: readonly Token[]): InputCall | undefined {
  const at = tokens.findIndex((token, index) => {
    return token.kind === 'word' && token.text === 'input' && isSymbol(tokens[index + 1], '(');
  });
  const [name, , structure, close] = tokens.slice(at, at + 4);
  if (at === -1 || structure?.kind !== 'string' || name === undefined || !isSymbol(close, ')'))
    return undefined;
  return { start: name.start, end: close?.end ?? structure.end, structure: structure.text };
}
