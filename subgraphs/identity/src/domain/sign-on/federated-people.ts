import { DomainError } from '@lyceum/service';
import type { IdentityEvents } from '../../events/identity-events.ts';
import type { IdentityProvider } from '../../store/identity-providers.ts';
import type { Store } from '../../store/store.ts';
import { recordAct, visitor } from '../audit.ts';
import { checkedEmail, nameFault } from '../checked-text.ts';
import { isOfAnother } from '../organisation-domains.ts';
import { registerPerson } from '../register-person.ts';
import { rolesOf } from './provider-roles.ts';
import type { Claims } from './relying-party.ts';
import { SignOnError } from './sign-on-error.ts';

/**
 * Whom a provider's claims name, within the transaction of `tx`: who they were the last time, by the subject, or
 * somebody new. Who has the address here already is not taken for them: an address is not proof of an account that
 * somebody else may have opened (or a provider that hands out addresses would open every account); they add the provider
 * themselves.
 *
 * @throws SignOnError email_unverified, domain_not_allowed, link_needed, plan_limit
 */
export async function personOf(
  tx: Store,
  events: IdentityEvents,
  provider: IdentityProvider,
  claims: Claims,
): Promise<string> {
  const { organisationId, id: providerId } = provider;
  const known = await tx.federatedIdentities.selectOptional(organisationId, providerId, claims.sub);
  if (known) return known.userId;
  const email = admittedEmail(provider, claims);
  if (await isOfAnother(tx, organisationId, email)) throw new SignOnError('domain_not_allowed');
  const person = { name: nameOf(claims, email), email, passwordHash: null, roles: rolesOf(provider, claims) };
  const member = await registerPerson(tx, events, organisationId, person).catch((error: unknown) => {
    throw error instanceof DomainError && error.code === 'PLAN_LIMIT'
      ? new SignOnError('plan_limit', error)
      : error;
  });
  if (!member) throw new SignOnError('link_needed');
  const identity = { organisationId, providerId, subject: claims.sub, userId: member.id };
  // Somebody with another address came in as the same subject at this moment.
  if (!(await tx.federatedIdentities.insertOptional(identity))) throw new SignOnError('sign_on_failed');
  const changes = { email: [null, email], roles: [[], member.roles], provider: [null, providerId] } as const;
  const act = { act: 'user.register', by: visitor, organisationId, subjectId: member.id } as const;
  await recordAct(tx, { ...act, changes });
  return member.id;
}

/** The address by which somebody may come in. @throws SignOnError email_unverified, domain_not_allowed */
export function admittedEmail({ domains }: IdentityProvider, claims: Claims): string {
  const { email, email_verified: verified } = claims;
  // Some providers say "true": only what the specification says counts (OpenID Connect Core 1.0, 5.1).
  if (typeof email !== 'string' || verified !== true) throw new SignOnError('email_unverified');
  const kept = parsedEmail(email);
  if (!domains.includes(kept.slice(kept.lastIndexOf('@') + 1))) throw new SignOnError('domain_not_allowed');
  return kept;
}

function parsedEmail(email: string): string {
  try {
    return checkedEmail([], email);
  } catch (error) {
    throw new SignOnError('email_unverified', error);
  }
}

/** What the provider calls them, where that can be a name. */
function nameOf({ name }: Claims, email: string): string {
  const kept = typeof name === 'string' ? name.trim() : '';
  return nameFault(kept) === undefined ? kept : email.slice(0, email.indexOf('@')).slice(0, 200);
}
