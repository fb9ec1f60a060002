import { quoteString } from './quote.ts';
import { isWord, type Token } from './tokens.ts';

/** A reading statement, with its tokens. */
export interface ReadingStatement {
  text: string;
  tokens: readonly Token[];
}

/** Words after which `format` names something rather than begins the clause. */
const EXPRESSION_FOLLOWS = [
  'SELECT', 'DISTINCT', 'BY', 'AS', 'WHERE', 'PREWHERE', 'HAVING', 'AND', 'OR', 'NOT', 'IN', 'ON', 'USING', 'FROM', 'JOIN',
  'TABLE', 'DESCRIBE', 'DESC', 'EXISTS', 'CASE', 'WHEN', 'THEN', 'ELSE', 'LIKE', 'ILIKE', 'BETWEEN', 'LIMIT', 'OFFSET',
]; // prettier-ignore

/** `statement` such that the engine writes its rows to `path`. */
export function readIntoFile(statement: ReadingStatement, path: string, defaultFormat: string): string {
  const { text, tokens } = statement;
  const start = tokens[findFormatClause(tokens)]?.start;
  const outfile = `INTO OUTFILE ${quoteString(path)} APPEND`;
  if (start === undefined) return `${text}\n${outfile} FORMAT ${defaultFormat}`;
  return `${text.slice(0, start)}${outfile} ${text.slice(start)}`;
}

/** The format in which a statement's rows come: that of its own FORMAT clause, or the default. */
export function formatOf({ tokens }: ReadingStatement, defaultFormat: string): string {
  const clause = findFormatClause(tokens);
  return clause === -1 ? defaultFormat : (tokens[clause + 1]?.text ?? defaultFormat);
}

function findFormatClause(tokens: readonly Token[]): number {
  return tokens.findLastIndex((token, index) => isFormatClause(tokens, token, index));
}

function isFormatClause(tokens: readonly Token[], token: Token, index: number): boolean {
  const [before, name, after] = [tokens[index - 1], tokens[index + 1], tokens[index + 2]];
  if (token.depth > 0 || !isWord(token, 'FORMAT') || name?.kind !== 'word') return false;
  if (before === undefined || isWord(before, ...EXPRESSION_FOLLOWS)) return false;
  if (before.kind === 'symbol' && ![')', ']', '}', '*'].includes(before.text)) return false;
  return after === undefined || isWord(after, 'SETTINGS');
}
