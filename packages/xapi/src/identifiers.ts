import type { Actor, AgentObject } from './statement.ts';

/**
 * How objects of Lyceum are named in xAPI (DESIGN section 5). `publicUrl` is PUBLIC_URL, with or without a
 * slash at its end.
 */

function base(publicUrl: string): string {
  return publicUrl.endsWith('/') ? publicUrl.slice(0, -1) : publicUrl;
}

/** What every activity IRI of this installation starts with. */
export function activityIriPrefix(publicUrl: string): string {
  return `${base(publicUrl)}/xapi/activities/`;
}

/** The activity IRI of an object of the catalog or of assessment, by its global id (`item_01k9...`). */
export function activityIri(publicUrl: string, id: string): string {
  return activityIriPrefix(publicUrl) + id;
}

/** The global id behind an activity IRI of ours, null for an activity of somebody else. */
export function activityIdOf(publicUrl: string, iri: string): string | null {
  const prefix = activityIriPrefix(publicUrl);
  return iri.startsWith(prefix) && iri.length > prefix.length ? iri.slice(prefix.length) : null;
}

/** The Agent that stands for a user of Lyceum. */
export function agentOf(publicUrl: string, userId: string): AgentObject {
  return { objectType: 'Agent', account: { homePage: base(publicUrl), name: userId } };
}

/**
 * The user whom an actor names by account, null for anybody else. An actor by mbox is not resolved here: only
 * identity knows which addresses are verified.
 */
export function userIdOf(publicUrl: string, actor: Actor): string | null {
  const { account } = actor;
  if (account === undefined || actor.objectType === 'Group') return null;
  return base(account.homePage) === base(publicUrl) ? account.name : null;
}
