import type { Store } from '../store/store.ts';
import type { AccountLinks } from './account-links.ts';
import { writeMail } from './account-mails.ts';
import { circumstances } from './account-notices.ts';

/**
 * Tells a person that their password was changed (OWASP ASVS 4.0.3, 2.2.3), in the transaction of the change.
 *
 * @returns the slug of the organisation
 */
export async function tellPasswordChanged(
  tx: Store,
  links: AccountLinks,
  { organisationId, userId }: { organisationId: string; userId: string },
  locale: string,
): Promise<string> {
  const [member] = await tx.memberships.selectMany(organisationId, [userId]);
  const [organisation] = await tx.organisations.selectMany([organisationId]);
  if (!member || !organisation) throw new Error(`There is no membership of ${userId} in ${organisationId}.`);
  const { name } = member;
  const url = links.to('forgot-password');
  const variables = { name, organisation: organisation.name, url, ...circumstances() };
  await writeMail(tx, 'passwordChanged', variables, {
    recipient: member.email,
    locale,
    sender: organisation.name,
  });
  return organisation.slug;
}
