import { forbidden, idPrefix, invalid, isMachine, type Role, type Viewer } from '@lyceum/service';
import type { Store } from '../store/store.ts';

/**
 * What a program may do: names of roles, until there are names of single permissions. Everything that knows so is in
 * this file.
 */
export type Right = string;

/**
 * What the viewer may do at this moment, whatever their access token says: of a person what their membership says, of a
 * personal access token no more than it was given of that, of an API client what it was given.
 */
export async function rightsNow(store: Store, viewer: Viewer): Promise<readonly Right[]> {
  const { organisationId, userId, sessionId } = viewer;
  const now = new Date();
  if (isMachine(viewer))
    return (await store.apiClients.selectOptionalActive(organisationId, userId, now))?.permissions ?? [];
  const roles = (await store.memberships.selectOptional(organisationId, userId))?.roles ?? [];
  if (idPrefix(sessionId) !== 'pat') return roles;
  const token = await store.personalAccessTokens.selectOptionalActive(organisationId, sessionId, now);
  return token ? intersection(roles, token.permissions) : [];
}

/** What a person gives to a program: something, and nothing that they lack. @throws INVALID, FORBIDDEN */
export function checkedRights(
  field: readonly string[],
  wanted: readonly Right[],
  own: readonly Right[],
): Right[] {
  if (wanted.length === 0) throw invalid(field, 'Give at least one permission.');
  const lacking = wanted.find((right) => !own.includes(right));
  if (lacking !== undefined) throw forbidden(`${lacking}, to give it to a program`);
  return [...new Set(wanted)];
}

export function intersection(some: readonly Right[], others: readonly Right[]): Right[] {
  return some.filter((right) => others.includes(right));
}

/** As an access token says it. */
export const claimsOf = (rights: readonly Right[]) => ({ roles: rights as readonly Role[] });
