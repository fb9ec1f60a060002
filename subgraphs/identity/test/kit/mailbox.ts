import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from '@jest/globals';
import { linksIn, mailFolder, parseMail, type ParsedMail } from '@lyceum/mail';
import { eventually } from '@lyceum/testing';
import type { RunningIdentity } from './identity.ts';

/** What has been mailed to an address, the oldest first: identity without SMTP_URL writes files. */
export function mailsTo(
  { dataDirectory }: Pick<RunningIdentity, 'dataDirectory'>,
  address: string,
): ParsedMail[] {
  const folder = mailFolder(dataDirectory);
  if (!existsSync(folder)) return [];
  const names = readdirSync(folder).filter((name) => name.endsWith('.eml'));
  const mails = names.sort().map((name) => parseMail(readFileSync(join(folder, name), 'utf8')));
  return mails.filter(({ headers }) => headers.get('to') === address);
}

/** The mails to an address once there are that many. */
export async function untilMailed(
  identity: RunningIdentity,
  address: string,
  count = 1,
): Promise<ParsedMail[]> {
  return eventually(() => {
    const mails = mailsTo(identity, address);
    expect(mails).toHaveLength(count);
    return mails;
  });
}

/** The newest mail to an address that has that many. */
export async function newestMail(identity: RunningIdentity, address: string, count = 1): Promise<ParsedMail> {
  return (await untilMailed(identity, address, count)).at(-1)!;
}

/** The token of a link. */
export function tokenIn(mail: ParsedMail, link = 0): string {
  const token = /#token=(\S+)$/.exec(linksIn(mail)[link] ?? '')?.[1];
  if (token === undefined) throw new Error(`No token in: ${mail.text}`);
  return token;
}

export const subjectOf = ({ headers }: ParsedMail): string => headers.get('subject') ?? '';
