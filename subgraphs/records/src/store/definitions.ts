import { definitionsQuery, joinDefinitions } from '@lyceum/xapi/query';
import type { Select } from './select.ts';

/** A name that an agent was given. */
export interface AgentName {
  /** agentKey of @lyceum/xapi. */
  readonly agent: string;
  readonly name: string;
}

/** Of one agent: whoever sends more has the latest of them. */
const mostNames = 100;

/** What activities and agents are called, as ingest noted it (lrs/clickhouse/migrations/0012_definitions.sql). */
export function definitionStore(select: Select) {
  return {
    /** The merged definitions as JSON, by activity; those that nobody has defined are missing. */
    async selectDefinitions(
      organisation: string,
      activities: readonly string[],
    ): Promise<Map<string, string>> {
      const query = definitionsQuery('{activities:Array(String)}');
      const parts = await select<{ activity: string; part: string; latest: string }>(query, {
        organisation,
        activities,
      });
      return joinDefinitions(parts.map(({ activity, part, latest }) => [activity, part, latest]));
    },

    /** The names of agents, the latest of each first. */
    selectNames: (organisation: string, agents: readonly string[]) =>
      select<AgentName>(
        `SELECT agent, name FROM agent_names
         WHERE organisation = {organisation:String} AND agent IN {agents:Array(String)}
         GROUP BY agent, name ORDER BY agent, max(agent_names.stored) DESC, name LIMIT ${String(mostNames)} BY agent`,
        { organisation, agents },
      ),
  };
}
