import type { Identifier } from './statement.ts';

/**
 * One text for one person or group: what the actor columns hold, what counts distinct learners and what a
 * filter by agent compares. Null for an anonymous group, which equals nobody, itself included (Data 2.4.2.2).
 */
export function agentKey(actor: Identifier): string | null {
  if (actor.account !== undefined) return `account:${actor.account.homePage}|${actor.account.name}`;
  if (actor.mbox !== undefined) return actor.mbox;
  if (actor.mbox_sha1sum !== undefined) return `sha1:${actor.mbox_sha1sum.toLowerCase()}`;
  return actor.openid === undefined ? null : `openid:${actor.openid}`;
}

/** The identifier that agentKey made a key of; null for a text that is none. */
export function identifierOfKey(key: string): Identifier | null {
  const colon = key.indexOf(':');
  const value = key.slice(colon + 1);
  switch (key.slice(0, colon)) {
    case 'account': {
      // No IRI has this character (RFC 3987).
      const bar = value.indexOf('|');
      return { account: { homePage: value.slice(0, bar), name: value.slice(bar + 1) } };
    }
    case 'sha1':
      return { mbox_sha1sum: value };
    case 'openid':
      return { openid: value };
    default:
      return /^mailto:/i.test(key) ? { mbox: key } : null;
  }
}
