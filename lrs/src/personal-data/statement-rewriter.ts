import { setTimeout as delay } from 'node:timers/promises';
import type { ClickHouseClient } from '@lyceum/clickhouse';
import type { PeopleColumns } from '@lyceum/xapi';
import type { StatementPlace } from '../query/statement-filter.ts';
import { clickHouseFailure } from '../query/unavailable-error.ts';

/** A statement as it is to be, and where it is. */
export interface RewrittenStatement extends StatementPlace {
  readonly people: PeopleColumns;
}

/**
 * Puts statements in the place of those that are there (docs/decisions/0021-erasure-in-clickhouse.md). They are gathered
 * in a table of their own; a mutation then writes the parts that hold the old ones anew, each part at once, so that at no
 * time is a statement missing or there twice. For one process at a time. All throw UnavailableError.
 */
export interface StatementRewriter {
  /** Waits for a mutation that somebody who crashed has left, and forgets what was gathered. */
  settle(signal: AbortSignal): Promise<void>;
  gather(statements: readonly RewrittenStatement[]): Promise<void>;
  /** Writes what was gathered, between two places of an organisation, and waits until it is done. */
  rewrite(
    organisationId: string,
    range: { first: StatementPlace; last: StatementPlace },
    signal: AbortSignal,
  ): Promise<void>;
}

/** ClickHouse tries a failing mutation again by itself; what does not come right in this time has a reason. */
const failingMs = 60_000;

const longestPauseMs = 1_000;

const assigned: [column: string, from: keyof PeopleColumns][] = [
  ['actor', 'actor'],
  ['related_agents', 'relatedAgents'],
  ['authority', 'authority'],
  ['statement', 'text'],
];

export function createStatementRewriter(clickHouse: ClickHouseClient): StatementRewriter {
  async function command(query: string, query_params: Record<string, unknown> = {}): Promise<void> {
    try {
      await clickHouse.command({
        query,
        query_params,
        // joinGet reads a table, which nothing writes while the mutation runs.
        clickhouse_settings: { allow_nondeterministic_mutations: 1, mutations_sync: '0' },
      });
    } catch (error) {
      throw clickHouseFailure(error);
    }
  }

  async function selectUnfinished(): Promise<{ id: string; reason: string } | undefined> {
    try {
      const answer = await clickHouse.query({
        query: `SELECT mutation_id AS id, latest_fail_reason AS reason FROM system.mutations
          WHERE ${ours} AND NOT is_done LIMIT 1`,
        format: 'JSONEachRow',
      });
      return (await answer.json<{ id: string; reason: string }>())[0];
    } catch (error) {
      throw clickHouseFailure(error);
    }
  }

  /** @throws Error with the reason where a mutation fails for good; it is ended, and may be started anew */
  async function untilDone(signal: AbortSignal): Promise<void> {
    let failingSince: number | undefined;
    for (let pause = 10; ; pause = Math.min(pause * 2, longestPauseMs)) {
      const unfinished = await selectUnfinished();
      if (unfinished === undefined) return;
      if (unfinished.reason === '') failingSince = undefined;
      else failingSince ??= Date.now();
      if (failingSince !== undefined && Date.now() - failingSince > failingMs) {
        await command(`KILL MUTATION WHERE ${ours}`);
        throw new Error(`ClickHouse does not rewrite statements: ${unfinished.reason}`);
      }
      await delay(pause, undefined, { signal });
    }
  }

  return {
    async settle(signal) {
      await untilDone(signal);
      await command('TRUNCATE TABLE statement_erasure');
    },

    async gather(statements) {
      try {
        await clickHouse.insert({
          table: 'statement_erasure',
          values: statements.map(rowOf),
          format: 'JSONEachRow',
          clickhouse_settings: { async_insert: 0 },
        });
      } catch (error) {
        throw clickHouseFailure(error);
      }
    },

    async rewrite(organisationId, { first, last }, signal) {
      const database = await selectDatabase(clickHouse);
      await command(mutationOf(database), {
        organisation: organisationId,
        first: first.stored,
        last: last.stored,
      });
      await untilDone(signal);
      await command('TRUNCATE TABLE statement_erasure');
    },
  };
}

const ours = `database = currentDatabase() AND table = 'statements' AND position(command, 'statement_erasure') > 0`;

function rowOf({ id, people }: RewrittenStatement): Record<string, unknown> {
  return { id, ...Object.fromEntries(assigned.map(([column, from]) => [column, people[from]])) };
}

/** A mutation runs in the background, where no database is current: it names its own. */
function mutationOf(database: string): string {
  const table = `${database}.statement_erasure`;
  const name = `'${table.replaceAll(/[\\']/g, '\\$&')}'`;
  const changes = assigned.map(([column]) => `${column} = joinGet(${name}, '${column}', toString(id))`);
  // Both conditions on the order of the table find the parts and their ranges; the last one finds the rows.
  return `ALTER TABLE statements UPDATE ${changes.join(', ')} WHERE organisation = {organisation:String}
    AND stored BETWEEN toDateTime64({first:String}, 6, 'UTC') AND toDateTime64({last:String}, 6, 'UTC')
    AND toString(id) IN (SELECT id FROM \`${database.replaceAll('`', '\\`')}\`.statement_erasure)`;
}

async function selectDatabase(clickHouse: ClickHouseClient): Promise<string> {
  try {
    const answer = await clickHouse.query({
      query: 'SELECT currentDatabase() AS name',
      format: 'JSONEachRow',
    });
    return (await answer.json<{ name: string }>())[0]?.name ?? '';
  } catch (error) {
    throw clickHouseFailure(error);
  }
}
