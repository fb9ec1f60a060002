import { agentKey } from '../agent-key.ts';
import type { Actor, Statement } from '../statement.ts';
import { indexStatement } from '../statement-index.ts';
import type { StatementFilter } from './statement-filter.ts';

/**
 * Whether a filter finds a statement by what it says itself (Communication 2.1.3), as conditions in ClickHouse do: without
 * what it refers to, voids, and times.
 */
export function isFoundBy(
  filter: Pick<
    StatementFilter,
    'agent' | 'relatedAgents' | 'verb' | 'activity' | 'relatedActivities' | 'registration'
  >,
  statement: Statement,
): boolean {
  const { verb, registration } = filter;
  return (
    (verb === undefined || verb === statement.verb.id) &&
    (registration === undefined || registration === statement.context?.registration?.toLowerCase()) &&
    namesActivity(filter, statement) &&
    namesAgent(filter, statement)
  );
}

function namesActivity(
  { activity, relatedActivities }: Pick<StatementFilter, 'activity' | 'relatedActivities'>,
  statement: Statement,
): boolean {
  if (activity === undefined) return true;
  const { object } = statement;
  if (relatedActivities) return indexStatement(statement).relatedActivities.includes(activity);
  return (object.objectType === undefined || object.objectType === 'Activity') && object.id === activity;
}

function namesAgent(
  { agent, relatedAgents }: Pick<StatementFilter, 'agent' | 'relatedAgents'>,
  statement: Statement,
): boolean {
  if (agent === undefined) return true;
  const wanted = new Set(typeof agent === 'string' ? [agent] : agent);
  return agentsOf(statement, relatedAgents ?? false).some((key) => wanted.has(key));
}

function agentsOf(statement: Statement, related: boolean): string[] {
  const { actor, object, authority } = statement;
  if (related)
    return [...indexStatement(statement).relatedAgents, ...(authority ? keysOf(authority, false) : [])];
  const isAgent = object.objectType === 'Agent' || object.objectType === 'Group';
  return [...keysOf(actor, true), ...(isAgent ? keysOf(object, true) : [])];
}

function keysOf(actor: Actor, withMembers: boolean): string[] {
  const own = agentKey(actor);
  const members = withMembers && actor.objectType === 'Group' ? (actor.member ?? []) : [];
  return [...(own === null ? [] : [own]), ...members.flatMap((member) => agentKey(member) ?? [])];
}
