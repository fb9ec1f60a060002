import { isObject, ownValue, type JsonObject } from './objects.ts';

/** Response names from the root of the data; `@` is each element of a list. */
export type FetchPath = readonly string[];
export type ResponsePath = readonly (string | number)[];

/** The objects at a path that are there, each once. */
export function placesAt(root: JsonObject, path: FetchPath): readonly JsonObject[] {
  let level: unknown[] = [root];
  for (const step of path) {
    const next: unknown[] = [];
    for (const value of level) {
      if (step === '@') {
        if (Array.isArray(value)) for (const element of value) next.push(element);
      } else if (isObject(value)) next.push(ownValue(value, step));
    }
    level = next;
  }
  return level.length > 1 ? [...new Set(level)].filter(isObject) : level.filter(isObject);
}

/** Every path to each of the objects that are at a path. */
export function pathsAt(root: JsonObject, path: FetchPath): ReadonlyMap<unknown, readonly ResponsePath[]> {
  const found = new Map<unknown, ResponsePath[]>();
  const walk = (value: unknown, depth: number, trail: ResponsePath): void => {
    const step = path[depth];
    if (step === undefined) {
      if (isObject(value)) found.set(value, [...(found.get(value) ?? []), trail]);
    } else if (step === '@') {
      if (!Array.isArray(value)) return;
      value.forEach((element, index) => {
        walk(element, depth + 1, [...trail, index]);
      });
    } else if (isObject(value)) walk(ownValue(value, step), depth + 1, [...trail, step]);
  };
  walk(root, 0, []);
  return found;
}
