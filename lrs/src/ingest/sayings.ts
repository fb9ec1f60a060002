/**
 * Finds the objects in lines of statements that may say what an activity or an agent is called, by their bytes: parsing
 * the statements takes ten times as long, and hardly one says something new.
 */
export interface Sayings {
  /**
   * Hands out each such object from the line's start to its end, until one is answered with false.
   *
   * @returns false where one was, or where the bytes can't tell: then the statement has to be parsed
   */
  every(start: number, end: number, visit: (saying: Saying) => boolean): boolean;
}

/**
 * An object of a line. Not each is an Activity or an Agent: an extension may look like one, and a brace within a string may
 * make it begin in the wrong place.
 */
export interface Saying {
  readonly kind: 'definition' | 'name';
  /** Its bytes, each as a character; of an activity those up to the end of its definition. */
  readonly bytes: string;
}

const [quote, backslash, colon, open, close, space] = [0x22, 0x5c, 0x3a, 0x7b, 0x7d, 0x20] as const;

/** A property's name in two pieces: the second is what is looked for, which begins with a rare letter and is found sooner. */
const property = {
  definition: [Buffer.from('"de'), Buffer.from('finition"')],
  name: [Buffer.from('"'), Buffer.from('name"')],
} as const;

/** The beginning of an escape, by which somebody might write a letter of a property's name. */
const escape = Buffer.from('\\\\u00');

/** Ours, and the last of each text: it says nothing (stamp.ts of packages/xapi). */
const authority = Buffer.from(',"authority":{');

/** Larger objects are read by parsing. */
const longest = 4096;

/** An object that begins like this is an account: it names nobody. */
const account = Buffer.from('{"homePage"');

/** @param lines as they are on the log; they are looked through once, from the first to the last */
export function findSayings(lines: Buffer): Sayings {
  const definitions = createSearch(lines, property.definition[1]);
  const texts = createSearch(lines, property.name[1]);
  const escapes = createSearch(lines, escape);

  function hasEscapedLetter(start: number, end: number): boolean {
    for (let at = escapes.from(start); at < end; at = escapes.from(at + 1)) {
      const digit = lines[at + escape.length];
      if (digit === 0x36 || digit === 0x37) return true;
    }
    return false;
  }

  return {
    every(start, lineEnd, visit) {
      const end = Math.max(lines.lastIndexOf(authority, lineEnd), start);
      if (hasEscapedLetter(start, end)) return false;
      for (let at = definitions.from(start); at < end; at = definitions.from(at + 1)) {
        const value = valueAt(lines, at, property.definition);
        if (lines[value] !== open) continue;
        const first = startOfObject(lines, at, start);
        const last = endOfObject(lines, value, lineEnd);
        if (first < 0 || last < 0) return false;
        if (!visit({ kind: 'definition', bytes: lines.toString('latin1', first, last) })) return false;
      }
      for (let at = texts.from(start); at < end; at = texts.from(at + 1)) {
        const value = valueAt(lines, at, property.name);
        if (lines[value] !== quote) continue;
        const first = startOfObject(lines, at, start);
        if (hasAt(lines, first, account)) continue;
        const last = endOfObject(lines, first, lineEnd);
        if (first < 0 || last < at) return false;
        if (!visit({ kind: 'name', bytes: lines.toString('latin1', first, last) })) return false;
      }
      return true;
    },
  };
}

/** Where something comes next, looked for once however often it is asked. */
function createSearch(lines: Buffer, wanted: Buffer) {
  let found = -1;
  return {
    from(start: number): number {
      if (found < start) {
        const next = lines.indexOf(wanted, start);
        found = next < 0 ? lines.length : next;
      }
      return found;
    },
  };
}

/** A few bytes are compared here before a call into the runtime has begun. */
function hasAt(lines: Buffer, at: number, bytes: Buffer): boolean {
  for (let index = 0; index < bytes.length; index += 1) if (lines[at + index] !== bytes[index]) return false;
  return true;
}

/** Where the value of a property begins; -1 where it is none, but the end or the whole of a string. */
function valueAt(lines: Buffer, found: number, [before, wanted]: readonly [Buffer, Buffer]): number {
  const nameAt = found - before.length;
  if (!hasAt(lines, nameAt, before) || lines[nameAt - 1] === backslash) return -1;
  let at = found + wanted.length;
  while (lines[at] === space) at += 1;
  if (lines[at] !== colon) return -1;
  at += 1;
  while (lines[at] === space) at += 1;
  return at;
}

/** Where the object begins that has a property here; -1 where that is not near. Braces within strings count. */
function startOfObject(lines: Buffer, propertyAt: number, lineStart: number): number {
  const limit = Math.max(lineStart, propertyAt - longest);
  let depth = 0;
  for (let at = propertyAt - 1; at > limit; at -= 1) {
    const byte = lines[at];
    if (byte === close) depth += 1;
    else if (byte === open) {
      if (depth === 0) return at;
      depth -= 1;
    }
  }
  return -1;
}

/** Behind the object that begins here; -1 where it does not end soon. */
function endOfObject(lines: Buffer, start: number, lineEnd: number): number {
  const limit = Math.min(lineEnd, start + longest);
  let depth = 0;
  for (let at = start; at < limit; at += 1) {
    const byte = lines[at];
    if (byte === quote) at = endOfString(lines, at, limit);
    else if (byte === open) depth += 1;
    else if (byte === close) {
      depth -= 1;
      if (depth === 0) return at + 1;
    }
  }
  return -1;
}

/** Where the closing quote is. A line has two backslashes for each of the text. */
function endOfString(lines: Buffer, start: number, limit: number): number {
  let at = start + 1;
  while (at < limit && lines[at] !== quote) {
    if (lines[at] !== backslash) at += 1;
    else at += lines[at + 2] === backslash ? 4 : 3;
  }
  return at;
}
