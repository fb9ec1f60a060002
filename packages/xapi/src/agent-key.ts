import type { Agent, Identifier } from './statement.ts';

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

/** The agent behind a key, with nothing but its identifier. The home page of an account is an IRI, which has no `|`. */
export function agentOfKey(key: string): Agent {
  const [scheme, rest] = divided(key, ':');
  if (scheme === 'account') {
    const [homePage, name] = divided(rest, '|');
    return { account: { homePage, name } };
  }
  if (scheme === 'sha1') return { mbox_sha1sum: rest };
  return scheme === 'openid' ? { openid: rest } : { mbox: key };
}

function divided(text: string, separator: string): [string, string] {
  const at = text.indexOf(separator);
  return [text.slice(0, at), text.slice(at + separator.length)];
}
