/**
 * Whether a contract still means what it meant. A log holds records for days and services are replaced one by one,
 * so within one version both must hold: the new reader accepts every record that the old writer wrote, and the old
 * reader accepts every record that the new writer writes. That leaves one change: a new optional property (readers
 * ignore properties that they do not know). All else, even a wider enum or a looser limit, is a new version: a new
 * file `<type>.v<N+1>.json` beside the old one.
 */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };
type JsonObject = Readonly<Record<string, Json>>;

/** Words for people: they change nothing. */
const annotations = new Set(['title', 'description', 'examples', '$comment', 'deprecated', 'default']);

/** What makes `after` incompatible with `before`, each with its path; empty when nothing does. */
export function incompatibilities(before: Json, after: Json, path = ''): string[] {
  if (!isObject(before) || !isObject(after)) return isSame(before, after) ? [] : [`${path}: changed`];
  const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])].filter(
    (key) => !annotations.has(key),
  );
  return keys.flatMap((key) => {
    const [old, now] = [before[key], after[key]];
    if (key === 'properties' && isObject(old ?? {}) && isObject(now ?? {})) {
      return ofProperties((old ?? {}) as JsonObject, (now ?? {}) as JsonObject, `${path}/properties`);
    }
    if (key === 'required' || key === 'enum') return ofSets(old ?? [], now ?? [], `${path}/${key}`);
    if (old === undefined) return [`${path}/${key}: added`];
    if (now === undefined) return [`${path}/${key}: removed`];
    return incompatibilities(old, now, `${path}/${key}`);
  });
}

function ofProperties(before: JsonObject, after: JsonObject, path: string): string[] {
  return Object.entries(before).flatMap(([name, old]) => {
    const now = after[name];
    return now === undefined ? [`${path}/${name}: removed`] : incompatibilities(old, now, `${path}/${name}`);
  });
}

function ofSets(before: Json, after: Json, path: string): string[] {
  const [old, now] = [before, after].map((list) => (Array.isArray(list) ? list.map(String) : []));
  const lost = (old ?? []).filter((each) => !now?.includes(each)).map((each) => `${path}: ${each} removed`);
  const gained = (now ?? []).filter((each) => !old?.includes(each)).map((each) => `${path}: ${each} added`);
  return [...lost, ...gained];
}

function isObject(value: Json): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isSame(before: Json, after: Json): boolean {
  return JSON.stringify(before) === JSON.stringify(after);
}
