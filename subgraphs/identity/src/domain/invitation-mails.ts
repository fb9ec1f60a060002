import { conflict, newId, type Role } from '@lyceum/service';
import type { Invitation } from '../store/invitations.ts';
import type { Organisation } from '../store/organisations.ts';
import type { Store } from '../store/store.ts';
import type { AccountLinks } from './account-links.ts';
import { mayBeMailed, platform, writeMail } from './account-mails.ts';
import { issueToken } from './account-tokens.ts';
import { dayMs } from './durations.ts';
import { emailTaken } from './errors.ts';

export const invitationDays = 7;

export const invitationEnd = () => new Date(Date.now() + invitationDays * dayMs);

export interface Guest {
  readonly email: string;
  readonly roles: readonly Role[];
  readonly locale: string;
  readonly invitedBy: string;
  readonly inviterOrganisationId: string | null;
}

/**
 * Invites somebody, in the transaction of `tx`, in the place of whatever is open to the same address; the organisation
 * must be held. @throws CONFLICT
 */
export async function inviteTo(
  tx: Store,
  links: AccountLinks,
  organisation: Organisation,
  guest: Guest,
): Promise<Invitation> {
  const { id: organisationId } = organisation;
  for (const { id: invitationId } of await tx.invitations.updateOpenRevoked(organisationId, guest.email)) {
    await tx.accountTokens.updateManySpent({ purpose: 'INVITATION', organisationId, invitationId });
  }
  const row = {
    ...guest,
    id: newId('invite'),
    organisationId,
    roles: [...guest.roles],
    expiresAt: invitationEnd(),
  };
  const invitation = await tx.invitations.insert(row);
  await mailInvitation(tx, links, organisation, invitation);
  return invitation;
}

/** A new link for an invitation; those before it are void. @throws CONFLICT */
export async function mailInvitation(
  tx: Store,
  links: AccountLinks,
  organisation: Organisation,
  invitation: Invitation,
): Promise<void> {
  const { id: invitationId, organisationId, email, locale } = invitation;
  if (!(await mayBeMailed(tx, email, 'invitation'))) {
    throw conflict('This address was mailed several times within an hour. Try again later.');
  }
  await tx.accountTokens.updateManySpent({ purpose: 'INVITATION', organisationId, invitationId });
  const what = { purpose: 'INVITATION', organisationId, email, locale, invitationId } as const;
  const { token, expiresAt } = await issueToken(tx, what, invitationDays * 24);
  const url = links.withToken('invitation', token);
  const inviter = await inviterOf(tx, organisation, invitation);
  const variables = { organisation: organisation.name, inviter, url, days: invitationDays };
  const envelope = { recipient: email, locale, sender: organisation.name, deliverUntil: expiresAt };
  await writeMail(tx, 'invitation', variables, envelope);
}

/** Who invites from above is nobody whom the guest knows. */
async function inviterOf(
  tx: Store,
  organisation: Organisation,
  { invitedBy, inviterOrganisationId }: Invitation,
): Promise<string> {
  if (inviterOrganisationId !== null) return platform;
  const inviter = await tx.memberships.selectOptional(organisation.id, invitedBy);
  return inviter?.name ?? organisation.name;
}

/** @throws EMAIL_TAKEN, CONFLICT */
export async function requireStranger(tx: Store, organisationId: string, email: string): Promise<void> {
  const account = await tx.users.selectOptionalByEmail(email);
  const membership = account && (await tx.memberships.selectOptional(organisationId, account.id));
  if (!membership) return;
  if (membership.roles.length > 0) throw emailTaken();
  throw conflict('This person was taken out of the organisation. `membershipUpdate` takes them back.');
}
