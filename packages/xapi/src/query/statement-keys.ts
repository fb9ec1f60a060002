import type { StatementFilter } from './statement-filter.ts';
import type { StatementPage } from './statement-page.ts';

/**
 * Conditions on statement_keys (lrs/clickhouse/migrations/0029_statement_keys.sql), of which each holds for the rows of all
 * statements that a filter may find; `agent`, `activity` are SQL, such as `{agent:String}`.
 */

const comparable = (agent: string) =>
  `if(startsWith(lower(${agent}), 'mailto:'), lowerUTF8(${agent}), ${agent})`;

const hashOf = (kind: string, value: string) => `reinterpretAsUInt128(sipHash128('${kind}', ${value}))`;

/** Of all ways to write an agent that comparableKey holds equal. */
export const agentHash = (agent: string) => hashOf('agent', comparable(agent));

const spellingOf = (agent: string) =>
  `if(${agent} = ${comparable(agent)}, 0, toUInt32(cityHash64(${agent})))`;

/** The hashes of the keys in {name:Array(String)}. */
const agentHashes = (name: string) =>
  `SELECT ${agentHash('one')} FROM (SELECT arrayJoin({${name}:Array(String)}) AS one)`;

/** Of rows of agents, whichever place they have in the statement, their authority included. */
export const isOfAgents = (name: string) => `key IN (${agentHashes(name)})`;

export const isOfAgent = (agent: string) => `key = ${agentHash(agent)} AND spelling = ${spellingOf(agent)}`;

export const isOfActivity = (activity: string) => `key = ${hashOf('activity', activity)}`;

/** Statements of {organisation:String} that rows with the condition lead to. */
export const isLedTo = (condition: string) =>
  `stored IN (SELECT stored FROM statement_keys WHERE organisation = {organisation:String} AND ${condition})`;

/** With more of them, most places of the table are theirs. */
const mostActors = 100;

/** `agent`, and `agent1` and on for the other ways in which one is written. */
export function agentParameters(agent: NonNullable<StatementFilter['agent']>): Record<string, string> {
  const keys = typeof agent === 'string' ? [agent] : agent;
  return Object.fromEntries(keys.map((key, index) => [index === 0 ? 'agent' : `agent${String(index)}`, key]));
}

/** Each way to what a page may have by itself; none where nothing but times, verb and authority are asked for. */
export function leadsOf({ filter, narrowing }: Pick<StatementPage, 'filter' | 'narrowing'>): string[] {
  const { registration, agent, activity, relatedAgents, relatedActivities } = filter;
  const { actors = [], parameters = {} } = narrowing ?? {};
  const few = actors.filter((name) => (parameters[name] as readonly string[]).length <= mostActors);
  return [
    ...(registration === undefined
      ? []
      : [`key = ${hashOf('registration', 'toString({registration:UUID})')}`]),
    ...few.map((name) => `${isOfAgents(name)} AND direct`),
    ...(agent === undefined ? [] : [`(${anyOf(agent)})${relatedAgents ? '' : ' AND direct'}`]),
    ...(activity === undefined
      ? []
      : [`${isOfActivity('{activity:String}')}${relatedActivities ? '' : ' AND direct'}`]),
  ];
}

function anyOf(agent: NonNullable<StatementFilter['agent']>): string {
  return Object.keys(agentParameters(agent))
    .map((name) => isOfAgent(`{${name}:String}`))
    .join(' OR ');
}
