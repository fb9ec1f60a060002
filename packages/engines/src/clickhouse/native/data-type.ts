/** A ClickHouse type, read from its name: `Map(String, Array(UInt8))`. */
export interface DataType {
  name: string;
  /** What stands between the brackets, split at its commas; empty without brackets. */
  arguments: readonly string[];
}

/** Reads a type's name. Field names of tuples stay part of the arguments; see {@link elementType}. */
export function parseDataType(text: string): DataType {
  const open = text.indexOf('(');
  if (open === -1) return { name: text.trim(), arguments: [] };
  return {
    name: text.slice(0, open).trim(),
    arguments: splitArguments(text.slice(open + 1, text.lastIndexOf(')'))),
  };
}

/** The type of a tuple's element: `a String` and `String` alike are `String`. */
export function elementType(argument: string): string {
  return /^(?:[A-Za-z_]\w*|`(?:[^`\\]|\\.|``)*`)\s+(.+)$/s.exec(argument)?.[1] ?? argument;
}

function splitArguments(text: string): string[] {
  const parts: string[] = [];
  let depth = 0;
  let start = 0;
  // Strings and quoted names are stepped over whole: Enum8('a,(' = 1).
  for (const match of text.matchAll(/'(?:[^'\\]|\\.|'')*'|`(?:[^`\\]|\\.|``)*`|[(),]/gs)) {
    if (match[0] === '(') depth += 1;
    if (match[0] === ')') depth -= 1;
    if (match[0] !== ',' || depth > 0) continue;
    parts.push(text.slice(start, match.index).trim());
    start = match.index + 1;
  }
  return [...parts, text.slice(start).trim()];
}
