import { idPrefix, invalid, outwardUrlFault, type OutwardRules } from '@lyceum/service';
import { isUuid } from '@lyceum/xapi';
import type { ForwardingFilter } from '../store/statement-forwardings.ts';
import type { Names } from './names.ts';

/** Which statements somebody wants forwarded, as they say it. */
export interface WantedFilter {
  readonly verbs?: readonly string[] | null | undefined;
  readonly activities?: readonly string[] | null | undefined;
  readonly actors?: readonly string[] | null | undefined;
  readonly registrations?: readonly string[] | null | undefined;
  readonly relatedActivities?: boolean | null | undefined;
  readonly relatedAgents?: boolean | null | undefined;
}

const longestList = 100;
const longestName = 100;
const longestUrl = 2_000;
const longestCredential = 2_000;

/** @throws INVALID */
export function checkedName(name: string): string {
  const trimmed = name.trim();
  if (trimmed !== '' && trimmed.length <= longestName) return trimmed;
  throw invalid(['input', 'name'], `Must have 1 to ${String(longestName)} characters.`);
}

/** Without a slash at its end. @param own the addresses under which this store is reached @throws INVALID */
export function checkedEndpoint(text: string, rules: OutwardRules, own: readonly string[]): string {
  const field = ['input', 'endpoint'];
  if (text.length > longestUrl) throw invalid(field, `Must have at most ${String(longestUrl)} characters.`);
  const fault = outwardUrlFault(text, rules);
  if (fault !== undefined) throw invalid(field, `It ${fault}.`);
  const endpoint = new URL(text).href.replace(/\/+$/, '');
  if (own.some((each) => isWithin(endpoint, each)))
    throw invalid(field, 'This is the store itself: everything would come back.');
  return endpoint;
}

const isWithin = (endpoint: string, own: string): boolean => {
  const base = new URL(own).href.replace(/\/+$/, '');
  return endpoint === base || endpoint.startsWith(`${base}/`);
};

/** The parts of Basic authentication (RFC 7617, 2): a colon would end the key. @throws INVALID */
export function checkedKey(key: string): string {
  const fault = credentialFault(key) ?? (key.includes(':') ? 'Must have no colon.' : undefined);
  if (fault !== undefined) throw invalid(['input', 'key'], fault);
  return key;
}

/** @throws INVALID */
export function checkedSecret(secret: string): string {
  const fault = credentialFault(secret);
  if (fault !== undefined) throw invalid(['input', 'secret'], fault);
  return secret;
}

function credentialFault(text: string): string | undefined {
  if (text === '' || text.length > longestCredential)
    return `Must have 1 to ${String(longestCredential)} characters.`;
  return /\p{Cc}/u.test(text) ? 'Must have no control characters.' : undefined;
}

/** @throws INVALID */
export function checkedFilter(names: Names, filter: WantedFilter): ForwardingFilter {
  const field = (name: string) => ['input', 'filter', name];
  return {
    verbs: listed(field('verbs'), filter.verbs, (verb) => names.verbOf(field('verbs'), verb)),
    activities: listed(field('activities'), filter.activities, (activity) =>
      names.activityOf(field('activities'), activity),
    ),
    actors: listed(field('actors'), filter.actors, (actor) => {
      if (idPrefix(actor) === 'user') return actor;
      throw invalid(field('actors'), `${actor} is not the id of a user.`);
    }),
    registrations: listed(field('registrations'), filter.registrations, (registration) => {
      if (isUuid(registration)) return registration.toLowerCase();
      throw invalid(field('registrations'), `${registration} is not a UUID.`);
    }),
    relatedActivities: filter.relatedActivities ?? false,
    relatedAgents: filter.relatedAgents ?? false,
  };
}

function listed(
  field: readonly string[],
  texts: readonly string[] | null | undefined,
  read: (text: string) => string,
): string[] {
  if ((texts?.length ?? 0) > longestList) throw invalid(field, `At most ${String(longestList)}.`);
  return [...new Set((texts ?? []).map(read))];
}
