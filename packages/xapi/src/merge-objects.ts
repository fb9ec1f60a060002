import { membersOf, scanJson } from './json-text.ts';

/** Deeper than any document needs, and safe for whatever reads it. */
const depthLimit = 1_000;

/** Whether a text is JSON, and an object. */
export function isObjectText(text: string): boolean {
  if (scanJson(text).depth > depthLimit) return false;
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value);
  } catch {
    return false;
  }
}

/**
 * An object's text with the members of another in the place of its own of the same name, or behind them (Communication
 * 2.2). Only the outermost are merged. Names are nothing but texts here, `__proto__` too, and every value keeps its bytes:
 * numbers beyond a double are not lost.
 *
 * @param existing and `posted` are of {@link isObjectText}
 */
export function mergeObjects(existing: string, posted: string): string {
  const members = new Map<string, string>();
  for (const { key, text } of [...membersOf(existing.trim()), ...membersOf(posted.trim())]) {
    members.set(key, text);
  }
  return `{${[...members.values()].join(',')}}`;
}
