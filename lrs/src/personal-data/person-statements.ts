import type { ClickHouseClient } from '@lyceum/clickhouse';
import { isLedTo, isOfAgents, type StatementPlace } from '@lyceum/xapi/query';
import type { FoundStatement } from '../query/select-statements.ts';
import { clickHouseFailure } from '../query/unavailable-error.ts';
import { storedOf, type Person } from './person.ts';

/** The keys of a person as an organisation's statements write them. */
export interface WrittenKeys {
  /** In any place that has an agent, but for the authority. */
  readonly agents: readonly string[];
  readonly authorities: readonly string[];
}

/** A person's statements in ClickHouse. Both throw UnavailableError. */
export interface PersonStatements {
  /** As they are written: people write addresses in any case. */
  selectKeys(person: Person): Promise<WrittenKeys>;
  /** Those behind a place, in order of (stored, id): a few megabytes, or one statement. Empty: there are no more. */
  selectPage(person: Person, keys: WrittenKeys, after: StatementPlace | undefined): Promise<FoundStatement[]>;
}

const pageBytes = 4 * 2 ** 20;
const pageRows = 2_000;

/** Addresses are not for the server's own log of queries. */
const settings = { log_queries: 0 } as const;

const ofOrganisation = `organisation = {organisation:String} AND stored <= toDateTime64({until:String}, 6, 'UTC')`;

/** Also where they are not named any more, but were until they were erased. */
const isTheirs = isLedTo(isOfAgents('keys'));

export function createPersonStatements(clickHouse: ClickHouseClient): PersonStatements {
  async function select(query: string, query_params: Record<string, unknown>): Promise<string[][]> {
    try {
      const answer = await clickHouse.query({
        query,
        query_params,
        format: 'TabSeparatedRaw',
        clickhouse_settings: settings,
      });
      const rows = (await answer.text()).split('\n').slice(0, -1);
      return rows.map((row) => row.split('\t'));
    } catch (error) {
      throw clickHouseFailure(error);
    }
  }

  async function selectFitting(conditions: string, parameters: Record<string, unknown>): Promise<number> {
    const order = 'stored, id';
    const lengths = `SELECT stored, id, length(statement) AS bytes FROM statements WHERE ${conditions}
      ORDER BY ${order} LIMIT ${String(pageRows)}`;
    const before = `sum(bytes) OVER (ORDER BY ${order} ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)`;
    const query = `SELECT countIf(before < ${String(pageBytes)}) FROM (SELECT ${before} AS before FROM (${lengths}))`;
    const [[count] = []] = await select(query, parameters);
    return Number(count);
  }

  return {
    async selectKeys({ organisationId, keys, until }) {
      const query = `SELECT DISTINCT found.2, found.1 FROM (
          SELECT arrayJoin(arrayConcat(
            arrayMap(key -> (key, 'agent'), related_agents), [(toString(authority), 'authority')])) AS found
          FROM statements WHERE ${ofOrganisation} AND ${isTheirs})
        WHERE has({keys:Array(String)}, if(startsWith(lower(found.1), 'mailto:'), lowerUTF8(found.1), found.1))`;
      const rows = await select(query, { organisation: organisationId, keys, until: storedOf(until) });
      const written = (place: string) =>
        rows.filter(([each]) => each === place).map(([, ...key]) => key.join('\t'));
      return { agents: written('agent'), authorities: written('authority') };
    },

    async selectPage({ organisationId, keys: theirs, until }, keys, after) {
      if (keys.agents.length + keys.authorities.length === 0) return [];
      const conditions = conditionsOf(keys, after);
      const parameters = {
        organisation: organisationId,
        until: storedOf(until),
        keys: theirs,
        ...keys,
        ...(after && { stored: after.stored, id: after.id }),
      };
      const fitting = await selectFitting(conditions, parameters);
      if (fitting === 0) return [];
      const query = `SELECT toString(stored), toString(id), statement FROM statements WHERE ${conditions}
        ORDER BY stored, id LIMIT ${String(fitting)}`;
      const rows = await select(query, parameters);
      return rows.map(([stored = '', id = '', text = '']) => ({ stored, id, text }));
    },
  };
}

function conditionsOf({ authorities }: WrittenKeys, after: StatementPlace | undefined): string {
  const named = [
    'hasAny(related_agents, {agents:Array(String)})',
    ...(authorities.length > 0 ? ['authority IN {authorities:Array(String)}'] : []),
  ];
  const instant = `toDateTime64({stored:String}, 6, 'UTC')`;
  const further = `stored >= ${instant} AND (stored, id) > (${instant}, toUUID({id:String}))`;
  return [ofOrganisation, isTheirs, `(${named.join(' OR ')})`, ...(after ? [further] : [])].join(' AND ');
}
