/** A token of ClickHouse SQL; spaces and comments are left out. */
export interface Token {
  kind: 'word' | 'quoted' | 'string' | 'number' | 'symbol';
  /** As written; for a word also see {@link isWord}. */
  text: string;
  /** Offsets into the text. */
  start: number;
  end: number;
  /** How many brackets are open around it. */
  depth: number;
}

const SPACES = /\s+/y;
const WORD = /[A-Za-z_][A-Za-z0-9_$]*/y;
const NUMBER = /[0-9][A-Za-z0-9_.]*/y;
const HEREDOC = /\$\w*\$/y;
const BACKSLASH = 0x5c;

/**
 * The tokens of `text`, read lazily: what follows the token at which a caller stops is never looked at. What is quoted
 * and not closed goes on to the end, so that a broken query never makes a string's inside look like SQL. Literals may
 * be megabytes long: they are walked, since a regular expression would run out of its stack on them.
 *
 * Source: ClickHouse, src/Parsers/Lexer.cpp.
 */
export function* tokenize(text: string): Generator<Token> {
  let depth = 0;
  for (let start = afterBlanks(text, 0), end; start < text.length; start = afterBlanks(text, end)) {
    const kind = kindAt(text, start);
    end = endOf(kind, text, start);
    const found = text.slice(start, end);
    if (kind === 'symbol' && isClosing(found)) depth = Math.max(0, depth - 1);
    yield { kind, text: found, start, end, depth };
    if (kind === 'symbol' && isOpening(found)) depth += 1;
  }
}

/** True for the bare word, in any case, that is one of `words` (given in upper case). */
export function isWord(token: Token | undefined, ...words: readonly string[]): boolean {
  return token?.kind === 'word' && words.includes(token.text.toUpperCase());
}

/** True for the symbol `text`. */
export function isSymbol(token: Token | undefined, text: string): boolean {
  return token?.kind === 'symbol' && token.text === text;
}

function afterBlanks(text: string, from: number): number {
  let at = from;
  for (let next = afterBlank(text, at); next > at; next = afterBlank(text, at)) at = next;
  return at;
}

// Behind the spaces or the comment that begins there, if one does.
function afterBlank(text: string, at: number): number {
  if (text.startsWith('--', at) || text.startsWith('# ', at) || text.startsWith('#!', at)) {
    return endBefore(text, '\n', at);
  }
  if (text.startsWith('/*', at)) return endBehind(text, '*/', at + 2);
  return endOfMatch(SPACES, text, at) ?? at;
}

function kindAt(text: string, at: number): Token['kind'] {
  const first = text[at] ?? '';
  if (first === "'") return 'string';
  if (first === '"' || first === '`') return 'quoted';
  if (first === '$') return endOfMatch(HEREDOC, text, at) === undefined ? 'symbol' : 'string';
  if (isDigit(first)) return 'number';
  return endOfMatch(WORD, text, at) === undefined ? 'symbol' : 'word';
}

function endOf(kind: Token['kind'], text: string, start: number): number {
  if (kind === 'word') return endOfMatch(WORD, text, start) ?? start + 1;
  if (kind === 'number') return endOfMatch(NUMBER, text, start) ?? start + 1;
  if (kind === 'symbol') return start + 1;
  return text[start] === '$' ? endOfHeredoc(text, start) : endOfQuoted(text, start);
}

// $tag$ ... $tag$
function endOfHeredoc(text: string, start: number): number {
  const opened = endOfMatch(HEREDOC, text, start) ?? start;
  return endBehind(text, text.slice(start, opened), opened);
}

// A quote is written in what it quotes twice, or behind a backslash.
function endOfQuoted(text: string, start: number): number {
  const quote = text.charCodeAt(start);
  for (let at = start + 1; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === BACKSLASH) at += 1;
    else if (code === quote) {
      if (text.charCodeAt(at + 1) !== quote) return at + 1;
      at += 1;
    }
  }
  return text.length;
}

function endBefore(text: string, mark: string, from: number): number {
  const found = text.indexOf(mark, from);
  return found === -1 ? text.length : found;
}

function endBehind(text: string, mark: string, from: number): number {
  const found = text.indexOf(mark, from);
  return found === -1 ? text.length : found + mark.length;
}

function endOfMatch(sticky: RegExp, text: string, at: number): number | undefined {
  sticky.lastIndex = at;
  return sticky.test(text) ? sticky.lastIndex : undefined;
}

function isDigit(character: string): boolean {
  return character >= '0' && character <= '9';
}

function isOpening(text: string): boolean {
  return text === '(' || text === '[' || text === '{';
}

function isClosing(text: string): boolean {
  return text === ')' || text === ']' || text === '}';
}
