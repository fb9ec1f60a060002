import { lookup } from 'node:dns/promises';
import { isSpecialAddress } from '@lyceum/service';

/** Where providers may be. */
export interface OutwardRules {
  /** Whether a provider may be on this machine (http then, too), or in a private network. */
  readonly privateAddresses: boolean;
}

export type OutwardFetch = (url: string, options: RequestInit) => Promise<Response>;

const loopbacks = new Set(['localhost', '127.0.0.1', '[::1]']);

/** Why nothing is fetched from a URL; undefined where it may be. Names are looked up by `createOutwardFetch`. */
export function outwardFault(text: string, { privateAddresses }: OutwardRules): string | undefined {
  if (!URL.canParse(text)) return 'must be an absolute URL';
  const { protocol, hostname, username, password } = new URL(text);
  if (username !== '' || password !== '') return 'must hold no credentials';
  const isLocal = privateAddresses && loopbacks.has(hostname);
  return protocol === 'https:' || (protocol === 'http:' && isLocal) ? undefined : 'must begin with https://';
}

/**
 * Asks a provider, whose addresses an organisation's administrator says: over TLS, along no redirect (the callers follow
 * none), and no host of a private network (server-side request forgery, OWASP ASVS 4.0.3, 12.6.1). A name that answers
 * otherwise between this look-up and the connection's gets past: docs/decisions/0016.
 *
 * @throws Error for what may not be asked
 */
export function createOutwardFetch(rules: OutwardRules): OutwardFetch {
  return async (url, options) => {
    const fault = outwardFault(url, rules);
    if (fault !== undefined) throw new Error(`${url} ${fault}.`);
    if (!rules.privateAddresses) await requirePublic(new URL(url).hostname);
    return fetch(url, { ...options, redirect: 'manual' });
  };
}

/** @throws Error */
async function requirePublic(hostname: string): Promise<void> {
  const found = await lookup(hostname.replace(/^\[|\]$/g, ''), { all: true });
  if (found.some(({ address }) => isSpecialAddress(address)))
    throw new Error(`${hostname} is in a private network.`);
}
