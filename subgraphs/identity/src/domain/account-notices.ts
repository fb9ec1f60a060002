import { currentRequest } from '@lyceum/service';
import type { AccountChange } from '../mails/mail-texts.ts';
import { mailLanguage } from '../mails/render-template.ts';
import type { MembershipKey } from '../store/memberships.ts';
import type { Store } from '../store/store.ts';
import { writeMail } from './account-mails.ts';
import { deviceOf } from './device-of.ts';

/** When something was done and from where, as a person reads it. */
export interface Circumstances {
  readonly when: string;
  readonly where: string;
}

/** Of the request that is being handled. Nothing that the client calls itself is shown as it is. */
export function circumstances(): Circumstances {
  const { client } = currentRequest() ?? {};
  const known = [client?.address, deviceOf(client?.userAgent ?? null)].filter((text) => text != null);
  const when = new Date().toISOString();
  return { when: `${when.slice(0, 10)} ${when.slice(11, 16)} UTC`, where: known.join(', ') || '?' };
}

/**
 * Mails a person that a way to log in was added, taken away or used up (OWASP ASVS 4.0.3, 2.2.3), in the transaction of
 * the change. Each is told, however many there are: one that is kept back would be the one that matters.
 */
export async function tellOfChange(
  tx: Store,
  { organisationId, userId }: MembershipKey,
  change: AccountChange,
): Promise<void> {
  const [member] = await tx.memberships.selectMany(organisationId, [userId]);
  const [organisation] = await tx.organisations.selectMany([organisationId]);
  if (!member || !organisation) throw new Error(`There is no membership of ${userId} in ${organisationId}.`);
  const variables = { name: member.name, organisation: organisation.name, change, ...circumstances() };
  const envelope = {
    recipient: member.email,
    locale: mailLanguage(member.locale),
    sender: organisation.name,
  };
  await writeMail(tx, 'accountChanged', variables, envelope);
}
