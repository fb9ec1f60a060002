import { PLATFORM_ROLE } from '@lyceum/service';
import type { NewFault } from '../../store/imports.ts';
import type { Member } from '../../store/memberships.ts';
import type { BatchPerson } from '../../store/people-batches.ts';
import { planLimit } from '../errors.ts';
import type { CheckedRow } from './check-row.ts';

/** Whom a row means: members of the organisation. */
export interface Meant {
  readonly byExternalId: Member | undefined;
  readonly byEmail: Member | undefined;
}

/** What a row comes to. */
export type RowPlan =
  | {
      readonly kind: 'CREATE' | 'UPDATE' | 'UNCHANGED';
      readonly person: Omit<BatchPerson, 'userId'>;
      readonly row: CheckedRow;
      readonly member: Member | undefined;
    }
  | { readonly kind: 'FAULT'; readonly fault: NewFault };

/**
 * Who has the external id is meant, or else who has the address. A row changes no address, which is its owner's in every
 * organisation, gives nobody another external id, and makes no administrator something less: a file that is a day old
 * could lock the organisation.
 */
export function planRow(row: CheckedRow, { byExternalId, byEmail }: Meant): RowPlan {
  const faultIn = (column: string, reason: string): RowPlan => ({
    kind: 'FAULT',
    fault: { line: row.line, column, reason },
  });
  if (byExternalId && byExternalId.email !== row.email)
    return faultIn('email', 'Who has this external id has another address, which only they change.');
  const member = byExternalId ?? byEmail;
  if (member?.externalId != null && row.externalId !== undefined && member.externalId !== row.externalId)
    return faultIn(
      'external_id',
      `Who has this address has the external id ${JSON.stringify(member.externalId)}.`,
    );
  const person = personOf(row, member);
  if (member?.roles.includes('ADMIN') && !person.roles.includes('ADMIN'))
    return faultIn('roles', 'An import takes the role ADMIN from nobody.');
  if (!member) return { kind: 'CREATE', person, row, member };
  return { kind: isSame(person, member) ? 'UNCHANGED' : 'UPDATE', person, row, member };
}

/** As many come in as the plan of the organisation has room for; a row beyond is a fault. */
export function withinRoom(plans: readonly RowPlan[], room: number): RowPlan[] {
  let left = room;
  return plans.map((plan) => {
    if (plan.kind === 'FAULT' || (plan.member && plan.member.roles.length > 0)) return plan;
    left -= 1;
    if (left >= 0) return plan;
    const fault = { line: plan.row.line, column: null, reason: planLimit('people').message };
    return { kind: 'FAULT', fault };
  });
}

/**
 * The person as after the import: what the row does not say is what is known, and no file says who stands above the
 * organisations.
 */
function personOf(row: CheckedRow, member: Member | undefined): Omit<BatchPerson, 'userId'> {
  const { email, name } = row;
  const known = member && member.roles.length > 0 ? member.roles : ['LEARNER'];
  return {
    email,
    name,
    externalId: row.externalId ?? member?.externalId ?? null,
    givenName: row.givenName === undefined ? (member?.givenName ?? null) : row.givenName,
    familyName: row.familyName === undefined ? (member?.familyName ?? null) : row.familyName,
    locale: row.locale === undefined ? (member?.locale ?? null) : row.locale,
    roles: row.roles ? [...row.roles, ...known.filter((role) => role === PLATFORM_ROLE)] : known,
  };
}

function isSame(person: Omit<BatchPerson, 'userId'>, member: Member): boolean {
  const texts = ['name', 'externalId', 'givenName', 'familyName', 'locale'] as const;
  return texts.every((name) => person[name] === member[name]) && hasSameRoles(person, member);
}

/** In whatever order. */
export function hasSameRoles(
  { roles }: Pick<BatchPerson, 'roles'>,
  { roles: others }: Pick<Member, 'roles'>,
): boolean {
  return roles.length === others.length && roles.every((role) => others.includes(role));
}
