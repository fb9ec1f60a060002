import type { Actor, Context } from '@lyceum/xapi';

/** An agent or group that a context names, and how it has to do with the statement (xAPI 2.0, 4.2.2.3). */
export interface NamedAgent {
  readonly agent: Actor;
  readonly relevantTypes: readonly string[];
}

export function agentsOfContext({ contextAgents = [] }: Context): NamedAgent[] {
  return contextAgents.map(({ agent, relevantTypes = [] }) => ({ agent, relevantTypes }));
}

export function groupsOfContext({ contextGroups = [] }: Context): NamedAgent[] {
  return contextGroups.map(({ group, relevantTypes = [] }) => ({ agent: group, relevantTypes }));
}
