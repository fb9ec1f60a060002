/**
 * Reading JSON as text, so that what a client sent can be kept as it was sent: numbers beyond a double, escapes
 * and the order of properties survive (JSON.parse and JSON.stringify would lose all three). Everything here
 * assumes that JSON.parse accepts the text; on other text it ends, with a result that means nothing.
 */

const quote = 34;
const comma = 44;
const colon = 58;
const backslash = 92;
const openBracket = 91;
const closeBracket = 93;
const openBrace = 123;
const closeBrace = 125;
const space = 32;

/** The index after the quote that closes the string opened at `start`. */
export function endOfString(text: string, start: number): number {
  let end = text.indexOf('"', start + 1);
  while (end > 0 && isEscaped(text, end)) end = text.indexOf('"', end + 1);
  return end < 0 ? text.length : end + 1;
}

/** An odd number of backslashes before it makes the quote a part of the string. */
function isEscaped(text: string, at: number): boolean {
  let before = at - 1;
  while (text.charCodeAt(before) === backslash) before -= 1;
  return (at - before) % 2 === 0;
}

function skipSpace(text: string, start: number): number {
  let at = start;
  while (at < text.length && text.charCodeAt(at) <= space) at += 1;
  return at;
}

export interface JsonScan {
  /** Start and end (exclusive), in turn, of each object that is an element of the array, or of the one object. */
  spans: number[];
  /** Object members at any depth. */
  members: number;
  /** How deeply objects and arrays nest. */
  depth: number;
  /** Whether there is a tab or a line break between tokens. */
  broken: boolean;
}

/** One pass over the text of an object or of an array of objects. */
export function scanJson(text: string): JsonScan {
  const scan: JsonScan = { spans: [], members: 0, depth: 0, broken: false };
  const top = text.charCodeAt(skipSpace(text, 0)) === openBracket ? 1 : 0;
  let depth = 0;
  let start = 0;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === quote) at = endOfString(text, at) - 1;
    else if (code === colon) scan.members += 1;
    else if (code === openBrace || code === openBracket) {
      if (depth === top) start = at;
      depth += 1;
      if (depth > scan.depth) scan.depth = depth;
    } else if (code === closeBrace || code === closeBracket) {
      depth -= 1;
      if (depth === top && code === closeBrace) scan.spans.push(start, at + 1);
    } else if (code < space) scan.broken = true;
  }
  return scan;
}

/** The index after the value that starts at `start`. */
function endOfValue(text: string, start: number): number {
  let depth = 0;
  for (let at = start; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === quote) at = endOfString(text, at) - 1;
    else if (code === openBrace || code === openBracket) depth += 1;
    else if (code === closeBrace || code === closeBracket) depth -= 1;
    if (depth < 0 || (depth === 0 && code === comma)) return at;
  }
  return text.length;
}

export interface JsonMember {
  key: string;
  /** From the key's quote to the end of the value. */
  text: string;
}

/** The members of an object's text, in order, repeated ones included. */
export function membersOf(text: string): JsonMember[] {
  const members: JsonMember[] = [];
  let at = skipSpace(text, 1);
  while (at < text.length && text.charCodeAt(at) === quote) {
    const keyEnd = endOfString(text, at);
    const end = endOfValue(text, skipSpace(text, text.indexOf(':', keyEnd) + 1));
    members.push({ key: JSON.parse(text.slice(at, keyEnd)) as string, text: text.slice(at, end).trimEnd() });
    at = skipSpace(text, end + 1);
  }
  return members;
}

/** An object's text without the members of these names; the rest is kept as it is. */
export function withoutMembers(text: string, names: readonly string[]): string {
  const kept = membersOf(text).filter(({ key }) => !names.includes(key));
  return `{${kept.map((member) => member.text).join(',')}}`;
}

/** A member's value, as text. */
export function valueOf({ text }: JsonMember): string {
  return text.slice(skipSpace(text, text.indexOf(':', endOfString(text, 0)) + 1));
}

/**
 * An object's text with its values as `edit` makes them of theirs, without those that it makes undefined of. What it
 * leaves alone keeps every byte, also within what changes.
 */
export function editMembers(text: string, edit: (value: string, key: string) => string | undefined): string {
  let changed = false;
  const kept: string[] = [];
  for (const member of membersOf(text)) {
    const value = valueOf(member);
    const edited = edit(value, member.key);
    if (edited !== value) changed = true;
    if (edited === value) kept.push(member.text);
    else if (edited !== undefined) kept.push(`${JSON.stringify(member.key)}:${edited}`);
  }
  return changed ? `{${kept.join(',')}}` : text;
}

/** An array's text with its elements as `edit` makes them of theirs. */
export function editElements(text: string, edit: (value: string) => string): string {
  const elements = elementsOf(text);
  const edited = elements.map(edit);
  return edited.some((each, index) => each !== elements[index]) ? `[${edited.join(',')}]` : text;
}

/** The elements of an array's text, in order. */
function elementsOf(text: string): string[] {
  const elements: string[] = [];
  let at = skipSpace(text, 1);
  while (at < text.length && text.charCodeAt(at) !== closeBracket) {
    const end = endOfValue(text, at);
    elements.push(text.slice(at, end).trimEnd());
    if (text.charCodeAt(end) === closeBracket) break;
    at = skipSpace(text, end + 1);
  }
  return elements;
}
