import { formatPath, type Fault } from './fault.ts';
import { endOfString } from './json-text.ts';

/**
 * "A Statement MUST use each property no more than one time" (Data 2.2). JSON.parse keeps the last of two, so
 * this looks at the text. It is slow: call it only where the count of members says that one is repeated.
 */

interface Level {
  /** The keys seen so far of an object; null for an array. */
  keys: Set<string> | null;
  /** Where the level is now: a key or an index. */
  at: string | number;
}

function opened(bracket: string): Level {
  return bracket === '{' ? { keys: new Set(), at: '' } : { keys: null, at: 0 };
}

const afterKey = /\s*:/y;

function isKey(text: string, end: number): boolean {
  afterKey.lastIndex = end;
  return afterKey.test(text);
}

function faultOf(levels: readonly Level[]): Fault {
  const path = formatPath(levels.map((level) => level.at));
  return { path, reason: 'is there more than once', spec: 'Data 2.2' };
}

/** The first repeated property of a JSON text that JSON.parse accepts; undefined when there is none. */
export function findRepeatedProperty(text: string): Fault | undefined {
  const levels: Level[] = [];
  for (let index = 0; index < text.length; index += 1) {
    const character = text.charAt(index);
    const level = levels.at(-1);
    if (character === '{' || character === '[') levels.push(opened(character));
    else if (character === '}' || character === ']') levels.pop();
    else if (character === ',' && typeof level?.at === 'number') level.at += 1;
    else if (character === '"') {
      const end = endOfString(text, index);
      if (level?.keys && isKey(text, end)) {
        level.at = JSON.parse(text.slice(index, end)) as string;
        if (level.keys.has(level.at)) return faultOf(levels);
        level.keys.add(level.at);
      }
      index = end - 1;
    }
  }
  return undefined;
}
