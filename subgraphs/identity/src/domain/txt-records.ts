import { Resolver } from 'node:dns/promises';
import { domainUnverified } from './errors.ts';

/** Asks the DNS for the TXT records of a name. @throws DOMAIN_UNVERIFIED where nobody can say, or there are none */
export type TxtRecords = (name: string) => Promise<string[]>;

/**
 * @param options.servers addresses, `192.0.2.1` or `192.0.2.1:5353`; none: those of the machine
 * @param options.timeoutMs for a try, of which there are two
 */
export function createTxtRecords(options: { servers: readonly string[]; timeoutMs: number }): TxtRecords {
  return async (name) => {
    // One each: its answers are not mixed up with another's where one is cancelled.
    const resolver = new Resolver({ timeout: options.timeoutMs, tries: 2 });
    if (options.servers.length > 0) resolver.setServers([...options.servers]);
    try {
      // A record comes in parts of 255 bytes at most (RFC 7208, 3.3: they are one text).
      return (await resolver.resolveTxt(name)).map((parts) => parts.join(''));
    } catch (error) {
      throw domainUnverified(faultOf(name, (error as { code?: string }).code));
    }
  };
}

function faultOf(name: string, code: string | undefined): string {
  if (code === 'ENOTFOUND') return `The DNS knows no domain ${name}.`;
  if (code === 'ENODATA')
    return `${name} has no TXT record yet. Changes of the DNS may take hours to be seen.`;
  if (code === 'ETIMEOUT') return `The DNS did not answer for ${name} in time. Try again.`;
  return `The DNS can't be asked for ${name} now. Try again.`;
}
