import { setTimeout as delay } from 'node:timers/promises';
import type { ClickHouseClient } from '@lyceum/clickhouse';
import { clickHouseFailure } from '../query/unavailable-error.ts';

/**
 * Mutations of ClickHouse that put rows of a Join table, gathered before, in the place of what is there: each part is
 * written anew and exchanged at once. ClickHouse remembers them itself, and ends them also after a crash. For one process
 * at a time. All throw UnavailableError.
 */
export interface Mutations {
  command(query: string, parameters?: Record<string, unknown>): Promise<void>;
  /** Waits for those that somebody who crashed has left. @throws Error with the reason where one fails for good */
  untilDone(signal: AbortSignal): Promise<void>;
  /** A Join table as a mutation names it, which runs where no database is current. */
  tableOf(name: string): Promise<{ name: string; literal: string }>;
}

/** ClickHouse tries a failing mutation again by itself; what does not come right in this time has a reason. */
const failingMs = 60_000;

const longestPauseMs = 1_000;

/** @param mark what stands in each of the commands that are this one's, and in no other's */
export function createMutations(clickHouse: ClickHouseClient, mark = '_erasure'): Mutations {
  const ours = `database = currentDatabase() AND position(command, '${mark}') > 0`;

  async function command(query: string, query_params: Record<string, unknown> = {}): Promise<void> {
    try {
      await clickHouse.command({
        query,
        query_params,
        // joinGet reads a table, which nothing writes while the mutation runs.
        clickhouse_settings: { allow_nondeterministic_mutations: 1, mutations_sync: '0', log_queries: 0 },
      });
    } catch (error) {
      throw clickHouseFailure(error);
    }
  }

  async function select<Row>(query: string): Promise<Row | undefined> {
    try {
      const answer = await clickHouse.query({ query, format: 'JSONEachRow' });
      return (await answer.json<Row>())[0];
    } catch (error) {
      throw clickHouseFailure(error);
    }
  }

  const selectUnfinished = () =>
    select<{ id: string; reason: string }>(
      `SELECT mutation_id AS id, latest_fail_reason AS reason FROM system.mutations WHERE ${ours} AND NOT is_done LIMIT 1`,
    );

  return {
    command,

    async untilDone(signal) {
      let failingSince: number | undefined;
      for (let pause = 10; ; pause = Math.min(pause * 2, longestPauseMs)) {
        const unfinished = await selectUnfinished();
        if (unfinished === undefined) return;
        if (unfinished.reason === '') failingSince = undefined;
        else failingSince ??= Date.now();
        if (failingSince !== undefined && Date.now() - failingSince > failingMs) {
          await command(`KILL MUTATION WHERE ${ours}`);
          throw new Error(`ClickHouse does not rewrite rows: ${unfinished.reason}`);
        }
        await delay(pause, undefined, { signal });
      }
    },

    async tableOf(table) {
      const { database = '' } =
        (await select<{ database: string }>('SELECT currentDatabase() AS database')) ?? {};
      return {
        name: `\`${database.replaceAll(/[\\`]/g, '\\$&')}\`.${table}`,
        literal: `'${database.replaceAll(/[\\']/g, '\\$&')}.${table}'`,
      };
    },
  };
}
