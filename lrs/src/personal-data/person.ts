import { createHash } from 'node:crypto';
import type { PersonalDataRequest } from '@lyceum/events/personal-data';
import { storedOfIso } from '../query/stored.ts';
import { agentKey, comparableKey, type ErasedPerson } from '@lyceum/xapi';

/** Whom a request is about, as statements may name them. */
export interface Person extends ErasedPerson {
  readonly organisationId: string;
  /** agentKey of packages/xapi, mailboxes in lower case. */
  readonly keys: readonly string[];
  /** Statements stored up to then are meant. */
  readonly until: Date;
}

export function personOf({
  organisationId,
  userId,
  homePage,
  emails,
  requestedAt,
}: PersonalDataRequest): Person {
  const base = homePage.replace(/\/$/, '');
  const accounts = [base, `${base}/`].map((page) => agentKey({ account: { homePage: page, name: userId } }));
  const mailboxes = emails.map((email) => `mailto:${email}`);
  const all = [...accounts, ...mailboxes, ...mailboxes.map(sha1Key)];
  const keys = [...new Set(all.filter((key) => key !== null).map(comparableKey))];
  return {
    organisationId,
    keys,
    isNamedBy: (key) => keys.includes(key),
    pseudonym: { homePage: base, name: userId },
    until: new Date(requestedAt),
  };
}

/** Of the whole mailto IRI (Data 2.4.2.3). */
function sha1Key(mailbox: string): string {
  return `sha1:${createHash('sha1').update(mailbox).digest('hex')}`;
}

/**
 * The end of an instant's millisecond, as ClickHouse writes `stored`: a request knows no finer time, and what was accepted
 * just before it is meant.
 */
export function storedOf(instant: Date): string {
  return `${storedOfIso(instant.toISOString())}999`;
}
