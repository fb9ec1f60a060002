const ESCAPES: Readonly<Record<string, string>> = {
  '\\': '\\\\',
  "'": "\\'",
  '`': '\\`',
  '\0': '\\0',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
};

/** `text` as a string literal. */
export function quoteString(text: string): string {
  return `'${escape(text)}'`;
}

/** `name` as a quoted identifier. */
export function quoteIdentifier(name: string): string {
  return `\`${escape(name)}\``;
}

function escape(text: string): string {
  return text.replace(/[\\'`\0\n\r\t]/g, (character) => ESCAPES[character] ?? character);
}
