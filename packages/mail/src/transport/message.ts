import type { SendMailOptions } from 'nodemailer';
import type { OutgoingMail } from './transport.ts';

/**
 * The message of a mail: the same each time that it is sent, with the Message-ID by which a receiver recognises one that
 * comes again (RFC 5322, 3.6.4).
 */
export function messageOf(mail: OutgoingMail, from: string): SendMailOptions {
  const domain = /@([^\s@<>]+)/.exec(from)?.[1] ?? 'localhost';
  return {
    messageId: `<${mail.id}@${domain}>`,
    date: mail.createdAt,
    from,
    // As an object it is one address, whatever is in it.
    to: { name: '', address: mail.recipient },
    subject: mail.subject,
    text: mail.text,
    html: mail.html,
    // No absence notes in answer (RFC 3834, 5).
    headers: { 'Auto-Submitted': 'auto-generated' },
    disableFileAccess: true,
    disableUrlAccess: true,
  };
}
