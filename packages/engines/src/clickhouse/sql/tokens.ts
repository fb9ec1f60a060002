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

// In the order in which they are tried; every alternative also matches when its end is missing, so that a
// broken query never makes a string's inside look like SQL. Source: ClickHouse, src/Parsers/Lexer.cpp.
const PATTERN = new RegExp(
  [
    String.raw`(?<space>\s+|--[^\n]*|#[ !][^\n]*|/\*[\s\S]*?(?:\*/|$))`,
    String.raw`(?<string>'(?:[^'\\]|\\[\s\S]|'')*(?:'|$)|\$(?<tag>\w*)\$[\s\S]*?(?:\$\k<tag>\$|$(?![\s\S])))`,
    String.raw`(?<quoted>"(?:[^"\\]|\\[\s\S]|"")*(?:"|$)|${'`'}(?:[^${'`'}\\]|\\[\s\S]|${'``'})*(?:${'`'}|$))`,
    String.raw`(?<word>[A-Za-z_][A-Za-z0-9_$]*)`,
    String.raw`(?<number>[0-9][A-Za-z0-9_.]*)`,
    String.raw`(?<symbol>[\s\S])`,
  ].join('|'),
  'y',
);

/** The tokens of `text`, read lazily: what follows the token at which a caller stops is never looked at. */
export function* tokenize(text: string): Generator<Token> {
  const pattern = new RegExp(PATTERN);
  let depth = 0;
  for (let match = pattern.exec(text); match !== null; match = pattern.exec(text)) {
    const kind = kindOf(match);
    if (kind === undefined) continue;
    const [found] = match;
    if (isClosing(found) && kind === 'symbol') depth = Math.max(0, depth - 1);
    yield { kind, text: found, start: match.index, end: pattern.lastIndex, depth };
    if (isOpening(found) && kind === 'symbol') depth += 1;
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

function kindOf(match: RegExpExecArray): Token['kind'] | undefined {
  const { groups } = match;
  for (const kind of ['word', 'symbol', 'string', 'quoted', 'number'] as const) {
    if (groups?.[kind] !== undefined) return kind;
  }
  return undefined;
}

function isOpening(text: string): boolean {
  return text === '(' || text === '[' || text === '{';
}

function isClosing(text: string): boolean {
  return text === ')' || text === ']' || text === '}';
}
