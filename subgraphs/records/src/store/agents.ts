import { isOfAgent } from '@lyceum/xapi/query';
import { pageOn, readersOf, someNamed, standsIn, type NamedPage, type Readers } from './named-page.ts';
import type { Select } from './select.ts';

/** Which agents that were given a name. */
export interface AgentScope extends Readers {
  readonly search: string | undefined;
}

/** Agents by agentKey (lrs/clickhouse/migrations/0012_definitions.sql). */
export function agentStore(select: Select) {
  return {
    async selectPage(scope: AgentScope, page: NamedPage): Promise<string[]> {
      const { conditions, order, parameters } = pageOn('agent', page);
      const rows = await select<{ agent: string }>(
        `SELECT DISTINCT agent FROM agent_names
         WHERE ${[...conditionsOf(scope), ...conditions].join(' AND ')} ${order}`,
        { ...parametersOf(scope), ...parameters },
      );
      return rows.map(({ agent }) => agent);
    },

    async count(scope: AgentScope): Promise<number> {
      const [row] = await select<{ found: number }>(
        `SELECT toFloat64(uniqExact(agent)) AS found FROM agent_names WHERE ${conditionsOf(scope).join(' AND ')}`,
        parametersOf(scope),
      );
      return row?.found ?? 0;
    },

    /** Those of the keys that some statement names which may be read. */
    async selectNamed(readers: Readers, keys: readonly string[]): Promise<string[]> {
      const named = (agent: string) =>
        someNamed(readers, { key: isOfAgent(agent), statement: `has(related_agents, ${agent})` });
      const rows = await select<{ agent: string }>(
        keys
          .map((_key, index) => `{key${String(index)}:String}`)
          .map((agent) => `SELECT ${agent} AS agent FROM (${named(agent)})`)
          .join(' UNION ALL '),
        {
          ...readersOf(readers),
          ...Object.fromEntries(keys.map((key, index) => [`key${String(index)}`, key])),
        },
      );
      return rows.map(({ agent }) => agent);
    },
  };
}

function conditionsOf(scope: AgentScope): string[] {
  return [
    'organisation = {organisation:String}',
    ...(scope.search === undefined ? [] : ['positionCaseInsensitiveUTF8(name, {search:String}) > 0']),
    ...standsIn(scope, 'agent', 'arrayJoin(related_agents)'),
  ];
}

function parametersOf(scope: AgentScope) {
  return { ...readersOf(scope), search: scope.search };
}
