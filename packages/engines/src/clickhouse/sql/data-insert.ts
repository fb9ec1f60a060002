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

/** What was seen of an INSERT while its tokens went by: one may have millions, so that they are not kept. */
interface Head {
  /** How many tokens. */
  count: number;
  /** Which of them names the table, or begins its name; undefined: not come yet. */
  tableAt: number | undefined;
  hasSelect: boolean;
  /** Where `SETTINGS` begins. */
  settingsAt: number | undefined;
  input: InputCall | undefined;
  /** The last four, the last one first. */
  recent: readonly Token[];
}

/**
 * Recognises `INSERT INTO ... FORMAT X` and `INSERT INTO ... VALUES`, reading no further than that.
 * An INSERT ... SELECT is one only if it reads from `input()`.
 */
export function findDataInsert(text: string): DataInsert | undefined {
  const head: Head = {
    count: 0,
    tableAt: undefined,
    hasSelect: false,
    settingsAt: undefined,
    input: undefined,
    recent: [],
  };
  for (const token of tokenize(text)) {
    if (token.depth === 0 && (isSymbol(token, ';') || isWord(token, 'INFILE'))) return undefined;
    if (head.count === 0 && !isWord(token, 'INSERT')) return undefined;
    take(head, token);
    if (endsHead(head)) return dissect(text, head);
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

function take(head: Head, token: Token): void {
  const index = head.count;
  head.count += 1;
  head.recent = [token, ...head.recent.slice(0, 3)];
  if (index > 0 && !isWord(token, 'INTO', 'TABLE', 'FUNCTION')) head.tableAt ??= index;
  if (isWord(token, 'SELECT')) head.hasSelect = true;
  if (token.depth === 0 && isWord(token, 'SETTINGS') && isBehindTable(head, index))
    head.settingsAt ??= token.start;
  head.input ??= inputCall(head.recent);
}

function isBehindTable({ tableAt }: Head, index: number): boolean {
  return tableAt !== undefined && index > tableAt;
}

// The last token is VALUES, or the name behind FORMAT, at the statement's own level and behind the table's name.
function endsHead(head: Head): boolean {
  const [last, before] = head.recent;
  if (last === undefined || last.depth > 0) return false;
  if (isWord(last, 'VALUES')) return isBehindTable(head, head.count - 1) && !head.hasSelect;
  if (last.kind !== 'word' || !isWord(before, 'FORMAT') || !isBehindTable(head, head.count - 2)) return false;
  return !head.hasSelect || head.input !== undefined;
}

function dissect(text: string, { recent, settingsAt, hasSelect, input }: Head): DataInsert {
  const [last, before, secondBefore] = recent;
  const isValues = isWord(last, 'VALUES');
  const headEnd = (isValues ? before : secondBefore)?.end ?? 0;
  const end = last?.end ?? 0;
  return {
    head: text.slice(0, settingsAt ?? headEnd).trimEnd(),
    settings: text.slice(settingsAt ?? headEnd, headEnd),
    format: isValues ? 'Values' : (last?.text ?? ''),
    dataStart: isValues ? end : afterLineEnd(text, end),
    input: hasSelect ? input : undefined,
  };
}

// Behind the format's name: blanks, then at most one line end, belong to the statement (ParserInsertQuery.cpp).
function afterLineEnd(text: string, from: number): number {
  const blank = /[ \t\f]*\r?\n?/y;
  blank.lastIndex = from;
  return blank.exec(text) === null ? from : blank.lastIndex;
}

// `input('structure')`, when its bracket has closed.
function inputCall([close, structure, open, name]: readonly Token[]): InputCall | undefined {
  if (name?.kind !== 'word' || name.text !== 'input' || !isSymbol(open, '(')) return undefined;
  if (structure?.kind !== 'string' || close === undefined || !isSymbol(close, ')')) return undefined;
  return { start: name.start, end: close.end, structure: structure.text };
}
