import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { linksIn, parseMail, type ParsedMail } from '@lyceum/mail/parse-mail';

/** The last mails of a folder, the newest at the end, where a terminal shows it. */
export function renderMails(folder: string, count: number): string {
  const names = existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith('.eml')) : [];
  if (names.length === 0)
    return `There are no mails in ${folder}. Where SMTP_URL is set, a server has them.\n`;
  // The name of a mail begins with its time.
  const last = names.sort().slice(-count);
  const mails = last.map((name) => renderMail(parseMail(readFileSync(join(folder, name), 'utf8'))));
  const more = names.length > count ? [`${names.length - count} more in ${folder}`] : [];
  return `${[...more, ...mails].join('\n\n')}\n`;
}

function renderMail(mail: ParsedMail): string {
  const [date, to, subject] = ['date', 'to', 'subject'].map((name) => mail.headers.get(name) ?? '');
  const time = date === undefined || date === '' ? '' : new Date(date).toISOString();
  return [`${time}  ${to ?? ''}  ${subject ?? ''}`, ...linksIn(mail).map((link) => `  ${link}`)].join('\n');
}
