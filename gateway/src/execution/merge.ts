import { isObject, ownValue, setOwn, type JsonObject } from './objects.ts';

/** Puts what a fetch answered into the object it was asked for. */
export type Merge = (target: JsonObject, source: JsonObject) => void;

/**
 * For plans in which no two fetches answer with the inside of the same object: what was answered is put in as it is, and
 * places that were asked for as one (equal representations) hold the very same objects from then on. What is later
 * fetched for the inside of these is fetched from what they hold, so it is the same for each of the places.
 */
export const assign: Merge = (target, source) => {
  for (const name of Object.keys(source)) {
    const value = source[name];
    if (value !== undefined) setOwn(target, name, value);
  }
};

/** For all others, as @apollo/gateway merges: nothing of `source` is in two places afterwards. */
export const deepMerge: Merge = (target, source) => {
  for (const name of Object.keys(source)) {
    const value = source[name];
    if (value !== undefined) setOwn(target, name, merged(ownValue(target, name), value));
  }
};

function merged(known: unknown, value: unknown): unknown {
  if (Array.isArray(known) && Array.isArray(value) && known.length === value.length)
    return known.map((element, index) => merged(element, value[index]));
  if (!isObject(known) || !isObject(value)) return copyOf(value);
  deepMerge(known, value);
  return known;
}

export function copyOf(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(copyOf);
  if (!isObject(value)) return value;
  const copy: JsonObject = {};
  for (const name of Object.keys(value)) setOwn(copy, name, copyOf(value[name]));
  return copy;
}
