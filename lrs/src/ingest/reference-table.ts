import { Readable } from 'node:stream';
import type { ClickHouseClient } from '@clickhouse/client';
import { verbs } from '@lyceum/xapi';
import { agentsOfStatement, placeRows } from '@lyceum/xapi/query';
import { idRows, idsOfQuery } from '../query/inline-rows.ts';
import type { KnownStatement, Waiting } from './reference-chain.ts';
import type { ReferringStatement } from './referring-statements.ts';

/** A statement, and one that it reaches. */
export interface ReachedRow {
  readonly from: Pick<Waiting, 'id' | 'stored'>;
  readonly target: KnownStatement;
  /** The newest `stored` on the way. */
  readonly known: string;
}

/** The tables of references (migrations 0010 and 0011). An aborted signal ends the waiting, and rejects. */
export interface ReferenceTable {
  selectStatements(
    organisationId: string,
    ids: readonly string[],
    signal: AbortSignal,
  ): Promise<KnownStatement[]>;
  /** Those of these ids whose statements a retention dropped: nothing comes under them. */
  selectDropped(organisationId: string, ids: readonly string[], signal: AbortSignal): Promise<string[]>;
  /** All that these reach, by what was written before. */
  selectReached(
    organisationId: string,
    from: readonly Pick<KnownStatement, 'id' | 'stored'>[],
    signal: AbortSignal,
  ): Promise<KnownStatement[]>;
  /** Those of these organisations whose statements wait, or waited, for any. */
  selectOrganisationsWaiting(organisationIds: readonly string[], signal: AbortSignal): Promise<string[]>;
  /** Those of the ids that some statement waits for. */
  selectAwaited(organisationId: string, ids: readonly string[], signal: AbortSignal): Promise<string[]>;
  /** Who waits for these ids, in an order of the table's own. */
  selectWaiting(
    organisationId: string,
    page: { awaited: readonly string[]; after: Waiting | undefined; limit: number },
    signal: AbortSignal,
  ): Promise<Waiting[]>;
  insertReached(organisationId: string, rows: readonly ReachedRow[], signal: AbortSignal): Promise<void>;
  insertWaiting(organisationId: string, waiting: readonly Waiting[], signal: AbortSignal): Promise<void>;
  insertVoids(
    organisationId: string,
    voiding: readonly ReferringStatement[],
    signal: AbortSignal,
  ): Promise<void>;
}

/** As idsOfQuery: a pair of statements is 153 bytes. */
const pairsAtOnce = 5_000;

/** Of what one statement is found by, so much is copied to each that refers to it. */
const mostKeys = 1_000;

const none = '\\N';

export function createReferenceTable(clickHouse: ClickHouseClient): ReferenceTable {
  async function select(
    query: string,
    o: { organisation: string; parameters?: Record<string, unknown>; signal: AbortSignal },
  ): Promise<string[][]> {
    const answer = await clickHouse.query({
      query,
      query_params: { organisation: o.organisation, ...o.parameters },
      clickhouse_settings: { max_query_size: String(query.length + 10_000) },
      format: 'TabSeparated',
      abort_signal: o.signal,
    });
    return (await answer.text())
      .split('\n')
      .slice(0, -1)
      .map((row) => row.split('\t'));
  }

  async function insert(
    table: string,
    {
      columns,
      rows,
      signal,
    }: { columns: readonly [string, ...string[]]; rows: string[]; signal: AbortSignal },
  ): Promise<void> {
    await clickHouse.insert({
      table,
      columns: [...columns] as [string, ...string[]],
      values: Readable.from([Buffer.from(rows.join(''))], { objectMode: false }),
      format: 'TabSeparated',
      clickhouse_settings: { async_insert: 0 },
      abort_signal: signal,
    });
  }

  return {
    async selectStatements(organisation, ids, signal) {
      // First through the projection by_id, then the rows by their sorting key.
      const wanted = `organisation = {organisation:String} AND id IN (${idRows(ids)})`;
      const query = `SELECT toString(id), toString(stored), object_statement FROM statements
        WHERE ${wanted} AND stored IN (SELECT stored FROM statements WHERE ${wanted})`;
      return (await select(query, { organisation, signal })).map(knownOf);
    },

    async selectDropped(organisation, ids, signal) {
      const query = `SELECT DISTINCT toString(id) FROM dropped_statements
        WHERE organisation = {organisation:String} AND id IN (${idRows(ids)})`;
      return (await select(query, { organisation, signal })).map(([id = '']) => id);
    },

    async selectReached(organisation, from, signal) {
      const query = `SELECT DISTINCT toString(target), toString(target_stored), next FROM statement_references
        WHERE organisation = {organisation:String} AND (stored, id) IN (${placeRows(from)})`;
      return (await select(query, { organisation, signal })).map(knownOf);
    },

    async selectOrganisationsWaiting(organisations, abort_signal) {
      if (organisations.length === 0) return [];
      const answer = await clickHouse.query({
        query: `SELECT DISTINCT toString(organisation) FROM waiting_references
          WHERE organisation IN (SELECT arrayJoin({organisations:Array(String)}))`,
        query_params: { organisations },
        format: 'TabSeparated',
        abort_signal,
      });
      return (await answer.text()).split('\n').slice(0, -1);
    },

    async selectAwaited(organisation, ids, signal) {
      const awaited: string[] = [];
      for (let start = 0; start < ids.length; start += idsOfQuery) {
        const query = `SELECT DISTINCT toString(target) FROM waiting_references
          WHERE organisation = {organisation:String} AND target IN (${idRows(ids.slice(start, start + idsOfQuery))})`;
        for (const [id = ''] of await select(query, { organisation, signal })) awaited.push(id);
      }
      return awaited;
    },

    async selectWaiting(organisation, { awaited, after, limit }, signal) {
      const further = after
        ? `AND (target, stored, id) > (toUUID({target:String}), toDateTime64({stored:String}, 6, 'UTC'), toUUID({id:String}))`
        : '';
      const query = `SELECT toString(target), toString(stored), toString(id), max(depth), toString(min(known))
        FROM waiting_references WHERE organisation = {organisation:String} AND target IN (${idRows(awaited)}) ${further}
        GROUP BY target, stored, id ORDER BY target, waiting_references.stored, waiting_references.id LIMIT ${String(limit)}`;
      const parameters = after && { target: after.target, stored: after.stored, id: after.id };
      const rows = await select(query, { organisation, signal, ...(parameters && { parameters }) });
      return rows.map(([target = '', stored = '', id = '', depth = '', known = '']) => ({
        target,
        stored,
        id,
        depth: Number(depth),
        known,
      }));
    },

    async insertReached(organisation, rows, signal) {
      for (let start = 0; start < rows.length; start += pairsAtOnce) {
        const pairs = rows
          .slice(start, start + pairsAtOnce)
          .map(pairOf)
          .join('');
        await clickHouse.command({
          query: reaching(pairs),
          query_params: { organisation },
          clickhouse_settings: { max_query_size: String(pairs.length + 10_000) },
          abort_signal: signal,
        });
      }
    },

    async insertWaiting(organisation, waiting, signal) {
      const rows = waiting.map(
        ({ target, stored, id, depth, known }) =>
          `${[organisation, target, stored, id, depth, known].join('\t')}\n`,
      );
      const columns = ['organisation', 'target', 'stored', 'id', 'depth', 'known'] as const;
      await insert('waiting_references', { columns, rows, signal });
    },

    async insertVoids(organisation, voiding, signal) {
      const rows = voiding.map(
        ({ target, stored, id, authority, voidsAny }) =>
          `${[organisation, target, stored, id, authority, voidsAny ? '1' : '0'].join('\t')}\n`,
      );
      const columns = ['organisation', 'target', 'stored', 'id', 'authority', 'any'] as const;
      await insert('voids', { columns, rows, signal });
    },
  };
}

function knownOf([id = '', stored = '', target = none]: string[]): KnownStatement {
  return { id, stored, target: target === none ? null : target };
}

function pairOf({ from, target, known }: ReachedRow): string {
  return `${[from.stored, from.id, target.stored, target.id, known].join('\t')}\n`;
}

const instant = `DateTime64(6, \\'UTC\\')`;
const pairColumns = `from_stored ${instant}, from_id UUID, to_stored ${instant}, to_id UUID, known ${instant}`;

/**
 * Copies what the targets are found by, within ClickHouse: whoever is erased from a statement before this runs is not in
 * the copy, and the erasure waits for what runs.
 */
function reaching(pairs: string): string {
  const keys = (list: string) => `arraySlice(${list}, 1, ${String(mostKeys)})`;
  return `INSERT INTO statement_references (organisation, stored, id, authority, voiding, target, target_stored, known,
      next, verb, activity, agents, registration, related_activities, related_agents, target_authority)
    WITH pairs AS (SELECT * FROM format(TSV, '${pairColumns}', '${pairs}'))
    SELECT {organisation:String}, pairs.from_stored, pairs.from_id, referring.authority, referring.voiding, pairs.to_id,
      pairs.to_stored, pairs.known, reached.next, reached.verb, reached.activity, reached.agents, reached.registration,
      reached.activities, reached.all_agents, reached.authority
    FROM pairs
    INNER JOIN (SELECT stored, id, authority, verb = '${verbs.voided}' AS voiding FROM statements
      WHERE organisation = {organisation:String} AND (stored, id) IN (SELECT from_stored, from_id FROM pairs)
    ) AS referring ON referring.id = pairs.from_id AND referring.stored = pairs.from_stored
    INNER JOIN (SELECT stored, id, object_statement AS next, verb, activity, ${keys(agentsOfStatement)} AS agents,
      registration, ${keys('related_activities')} AS activities, ${keys('related_agents')} AS all_agents, authority
      FROM statements
      WHERE organisation = {organisation:String} AND (stored, id) IN (SELECT to_stored, to_id FROM pairs)
    ) AS reached ON reached.id = pairs.to_id AND reached.stored = pairs.to_stored`;
}
