import { DomainError, ROLES } from '@lyceum/service';
import type { NewFault } from '../../store/imports.ts';
import { checkedEmail, checkedLocale, checkedName, checkedOptionalText } from '../checked-text.ts';
import type { Column } from './columns.ts';
import type { FileRow } from './read-rows.ts';

/** A row without a fault. Undefined: the file says nothing of it, and what is there stays. */
export interface CheckedRow {
  readonly line: number;
  readonly email: string;
  readonly name: string;
  readonly externalId: string | undefined;
  readonly givenName: string | null | undefined;
  readonly familyName: string | null | undefined;
  readonly locale: string | null | undefined;
  readonly roles: readonly string[] | undefined;
  readonly groups: readonly string[];
}

/** The row as it is kept, or all that is wrong with it. */
export function checkRow(row: FileRow): CheckedRow | readonly NewFault[] {
  const { line, cells, width, columns } = row;
  if (width !== columns)
    return [{ line, column: null, reason: `The row has ${width} cells, and the first line ${columns}.` }];
  const faults: NewFault[] = [];
  /** What `check` makes of a cell; a fault is noted. */
  function of<T>(column: Column, check: (cell: string) => T): T | undefined {
    const cell = cells[column];
    if (cell === undefined) return undefined;
    try {
      return check(requireUtf8(cell));
    } catch (error) {
      if (!(error instanceof DomainError)) throw error;
      faults.push({ line, column, reason: error.message });
      return undefined;
    }
  }
  const text = (longest: number) => (cell: string) => checkedOptionalText([], cell, longest);
  const checked = {
    line,
    email: of('email', (cell) => checkedEmail([], cell)) ?? '',
    name: of('name', (cell) => checkedName([], cell)) ?? '',
    externalId: of('external_id', text(200)) ?? undefined,
    givenName: of('given_name', text(200)),
    familyName: of('family_name', text(200)),
    roles: of('roles', checkedRoleNames),
    locale: of('locale', (cell) => checkedLocale([], cell === '' ? null : cell)),
    groups: of('groups', checkedGroupNames) ?? [],
  };
  return faults.length > 0 ? faults : checked;
}

/** What stands for bytes that are no UTF-8. @throws INVALID */
function requireUtf8(cell: string): string {
  if (!cell.includes('\uFFFD')) return cell;
  throw new DomainError('INVALID', 'This is not UTF-8: save the file in that encoding.');
}

/** None is undefined: whom the organisation knows keeps theirs. @throws INVALID */
function checkedRoleNames(cell: string): readonly string[] | undefined {
  const names = partsOf(cell).map((name) => name.toUpperCase());
  const unknown = names.find((name) => !(ROLES as readonly string[]).includes(name));
  if (unknown !== undefined)
    throw new DomainError(
      'INVALID',
      `There is no role ${unknown.slice(0, 50)}; there are ${ROLES.join(', ')}.`,
    );
  return names.length === 0 ? undefined : names;
}

/** Those of a file are held at once for many rows: else one of 64 MiB could name groups by the million. */
const mostGroups = 50;

/** @throws INVALID */
function checkedGroupNames(cell: string): readonly string[] {
  const names = partsOf(cell);
  if (names.length > mostGroups)
    throw new DomainError('INVALID', `A row names at most ${mostGroups} groups; there are ${names.length}.`);
  return names.map((name) => checkedName([], name));
}

const partsOf = (cell: string) => [
  ...new Set(
    cell
      .split(';')
      .map((part) => part.trim())
      .filter((part) => part !== ''),
  ),
];
