import type { ClickHouseClient } from '@lyceum/clickhouse';
import type { PeopleColumns } from '@lyceum/xapi';
import type { StatementPlace } from '@lyceum/xapi/query';
import { clickHouseFailure } from '../query/unavailable-error.ts';
import type { Mutations } from './mutations.ts';

/** A statement as it is to be, and where it is. */
export interface RewrittenStatement extends StatementPlace {
  readonly people: PeopleColumns;
}

/**
 * Puts statements in the place of those that are there (docs/decisions/0021-erasure-in-clickhouse.md): at no time is one
 * missing or there twice. For one process at a time. All throw UnavailableError.
 */
export interface StatementRewriter {
  /** Waits for what somebody who crashed has left, and forgets what was gathered. */
  settle(signal: AbortSignal): Promise<void>;
  gather(statements: readonly RewrittenStatement[]): Promise<void>;
  /** Writes what was gathered, between two places of an organisation, and waits until it is done. */
  rewrite(
    organisationId: string,
    range: { first: StatementPlace; last: StatementPlace },
    signal: AbortSignal,
  ): Promise<void>;
}

const gathering = 'statement_erasure';

const assigned: [column: string, from: keyof PeopleColumns][] = [
  ['actor', 'actor'],
  ['related_agents', 'relatedAgents'],
  ['authority', 'authority'],
  ['statement', 'text'],
];

export function createStatementRewriter(
  clickHouse: ClickHouseClient,
  mutations: Mutations,
): StatementRewriter {
  const forget = () => mutations.command(`TRUNCATE TABLE ${gathering}`);

  return {
    async settle(signal) {
      await mutations.untilDone(signal);
      await forget();
    },

    async gather(statements) {
      try {
        await clickHouse.insert({
          table: gathering,
          values: statements.map(rowOf),
          format: 'JSONEachRow',
          clickhouse_settings: { async_insert: 0 },
        });
      } catch (error) {
        throw clickHouseFailure(error);
      }
    },

    async rewrite(organisation, { first, last }, signal) {
      const table = await mutations.tableOf(gathering);
      const parameters = { organisation, first: first.stored, last: last.stored };
      await mutations.command(mutationOf(table), parameters);
      await mutations.untilDone(signal);
      await forget();
    },
  };
}

function rowOf({ id, people }: RewrittenStatement): Record<string, unknown> {
  return { id, ...Object.fromEntries(assigned.map(([column, from]) => [column, people[from]])) };
}

/** The organisation and `stored` find parts and their ranges, the ids find the rows. */
function mutationOf({ name, literal }: { name: string; literal: string }): string {
  const changes = assigned.map(([column]) => `${column} = joinGet(${literal}, '${column}', toString(id))`);
  return `ALTER TABLE statements UPDATE ${changes.join(', ')} WHERE organisation = {organisation:String}
    AND stored BETWEEN toDateTime64({first:String}, 6, 'UTC') AND toDateTime64({last:String}, 6, 'UTC')
    AND toString(id) IN (SELECT id FROM ${name})`;
}
