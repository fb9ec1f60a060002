/** The columns of a file of people: what an export writes, and an import reads in any order. */
export const columns = [
  'external_id',
  'email',
  'name',
  'given_name',
  'family_name',
  'roles',
  'groups',
  'locale',
] as const;

export type Column = (typeof columns)[number];

const required: readonly Column[] = ['email', 'name'];

/** Why a first line can't be taken as the names of the columns; undefined where it can. */
export function headerFault(header: readonly string[]): string | undefined {
  const unknown = header.filter((name) => !columns.includes(name as Column));
  const missing = required.filter((name) => !header.includes(name));
  const twice = header.filter((name, place) => header.indexOf(name) !== place);
  if (unknown.length > 0)
    return `The first line names columns that there are not: ${quoted(unknown)}. There are: ${columns.join(', ')}.`;
  if (missing.length > 0) return `The first line lacks a column that is needed: ${quoted(missing)}.`;
  return twice.length > 0 ? `The first line names a column twice: ${quoted(twice)}.` : undefined;
}

const quoted = (names: readonly string[]) =>
  names.map((name) => JSON.stringify(name.slice(0, 50))).join(', ');
