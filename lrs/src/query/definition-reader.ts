import type { ClickHouseClient } from '@clickhouse/client';
import { definitionsQuery, joinDefinitions, type DefinitionPart } from '@lyceum/xapi/query';
import { clickHouseFailure } from './unavailable-error.ts';

/** What activities and agents are called, as ingest has noted it (migration 0012). Both throw UnavailableError. */
export interface DefinitionReader {
  /** The merged definitions of activities, as JSON by id; those that nobody has defined are missing. */
  selectDefinitions(organisationId: string, activities: readonly string[]): Promise<Map<string, string>>;
  /** The names of an agent (agentKey), the latest first. */
  selectNames(organisationId: string, agent: string): Promise<string[]>;
}

/** Of one agent: whoever sends more has the latest of them. */
const mostNames = 100;

/** Bytes of ids that are asked for at once: the embedded ClickHouse takes a statement of 1 MiB. */
const askedBytes = 500_000;

export function createDefinitionReader(clickHouse: ClickHouseClient): DefinitionReader {
  async function select<Row>(query: string, query_params: Record<string, unknown>): Promise<Row[]> {
    try {
      const answer = await clickHouse.query({
        query,
        query_params,
        format: 'JSONCompactEachRow',
        clickhouse_settings: { max_query_size: String(query.length + 10_000) },
      });
      return await answer.json<Row>();
    } catch (error) {
      throw clickHouseFailure(error);
    }
  }

  return {
    async selectDefinitions(organisationId, activities) {
      const parts: DefinitionPart[] = [];
      for (const some of batchesOf([...new Set(activities)])) {
        const query = definitionsQuery(some.map(literal).join(','));
        parts.push(...(await select<DefinitionPart>(query, { organisation: organisationId })));
      }
      return joinDefinitions(parts);
    },

    async selectNames(organisation, agent) {
      const query = `SELECT name, max(agent_names.stored) AS said FROM agent_names
        WHERE organisation = {organisation:String} AND agent = {agent:String}
        GROUP BY name ORDER BY said DESC, name LIMIT ${String(mostNames)}`;
      return (await select<[string, string]>(query, { organisation, agent })).map(([name]) => name);
    },
  };
}

function literal(text: string): string {
  return `'${text.replaceAll(/[\\']/g, '\\$&')}'`;
}

function batchesOf(ids: readonly string[]): string[][] {
  const batches: string[][] = [];
  let bytes = askedBytes;
  for (const id of ids) {
    bytes += 2 * Buffer.byteLength(id);
    if (bytes > askedBytes) {
      batches.push([]);
      bytes = 2 * Buffer.byteLength(id);
    }
    batches.at(-1)?.push(id);
  }
  return batches;
}
