import { newMail } from '@lyceum/mail';
import type { MailTemplate, MailVariables } from '../mails/mail-texts.ts';
import { renderTemplate } from '../mails/render-template.ts';
import type { Store } from '../store/store.ts';
import { hourMs } from './durations.ts';

/** To whom, in what language, and from whom it comes. */
export interface Envelope {
  readonly recipient: string;
  readonly locale: string;
  /** Such as the organisation's name. */
  readonly sender: string;
  /** When the links in it expire. */
  readonly deliverUntil?: Date;
}

/** Of one kind, to one address: more is not help but a nuisance. */
const MOST_AN_HOUR = 5;

/** Who sends what no organisation does. */
export const platform = 'Lyceum';

/**
 * May another mail of this kind go to the address? Whoever makes mails go there, its owner did not ask for a flood of
 * them. The answer holds until the transaction ends: others who ask for the same wait.
 */
export async function mayBeMailed(tx: Store, recipient: string, template: MailTemplate): Promise<boolean> {
  await tx.mails.lock(recipient, template);
  const since = new Date(Date.now() - hourMs);
  return (await tx.mails.countSince(recipient, template, since)) < MOST_AN_HOUR;
}

/** Writes a mail in the transaction of what it tells of. */
export async function writeMail<T extends MailTemplate>(
  tx: Store,
  template: T,
  variables: MailVariables[T],
  { recipient, locale: language, sender, deliverUntil }: Envelope,
): Promise<void> {
  const rendered = renderTemplate(template, variables, { language, sender });
  await tx.mails.insert(newMail({ recipient, template, locale: language, rendered, deliverUntil }));
}
