import type { MailRow } from '@lyceum/mail';
import type { Connection } from './store.ts';

export function mailStore(db: Connection) {
  return {
    insert: (mail: MailRow) => db.mail.create({ data: mail }),

    /** Holds the mails of one kind to one address against others who count them, until the transaction ends. */
    lock: (recipient: string, template: string) =>
      db.$executeRaw`SELECT pg_advisory_xact_lock(hashtextextended(${`mail ${template} ${recipient}`}, 0))`,

    countSince: (recipient: string, template: string, since: Date) =>
      db.mail.count({ where: { recipient, template, createdAt: { gt: since } } }),

    /** Forgets mails of a kind that were sent, or never will be. */
    deleteSettled: (template: string) =>
      db.mail.deleteMany({ where: { template, state: { in: ['SENT', 'FAILED'] } } }),
  };
}
