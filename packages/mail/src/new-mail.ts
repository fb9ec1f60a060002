import { newId } from '@lyceum/service';
import type { RenderedMail } from './render/render-mail.ts';

/** A row of the table `mail`, as it is written. */
export interface MailRow {
  /** TypeID, `mail_...`. */
  readonly id: string;
  /** An address alone. */
  readonly recipient: string;
  readonly template: string;
  readonly locale: string;
  readonly subject: string;
  readonly text: string;
  readonly html: string;
  /** When it is of no more use: it is given up then. */
  readonly deliverUntil: Date;
}

export interface NewMail {
  readonly recipient: string;
  readonly template: string;
  readonly locale: string;
  readonly rendered: RenderedMail;
  /** When the links in it expire. Absent: in two days. */
  readonly deliverUntil?: Date | undefined;
}

const TWO_DAYS_MS = 2 * 86_400_000;

/** The row of a mail. Write it in the transaction of the change that it tells of. */
export function newMail({ recipient, template, locale, rendered, deliverUntil }: NewMail): MailRow {
  return {
    id: newId('mail'),
    recipient,
    template,
    locale,
    ...rendered,
    deliverUntil: deliverUntil ?? new Date(Date.now() + TWO_DAYS_MS),
  };
}
