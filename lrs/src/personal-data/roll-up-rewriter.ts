import type { ClickHouseClient } from '@lyceum/clickhouse';
import { agentKey } from '@lyceum/xapi';
import { clickHouseFailure } from '../query/unavailable-error.ts';
import type { Mutations } from './mutations.ts';
import { storedOf, type Person } from './person.ts';

/**
 * Counts anew who is behind the minutes of activity_minutes that a person is an actor in: the states of a count hold
 * hashes of keys, and nobody is counted under two keys. Statements come first.
 */
export interface RollUpRewriter {
  /** Ends when no minute is counted otherwise than from the statements. @throws UnavailableError */
  rewrite(person: Person, signal: AbortSignal): Promise<void>;
}

/** One counts, and one sees that it did; more only where statements came into the same minute meanwhile. */
const mostPasses = 20;

const gathering = 'minute_erasure';

export function createRollUpRewriter(clickHouse: ClickHouseClient, mutations: Mutations): RollUpRewriter {
  async function selectGathered(): Promise<number> {
    try {
      const query = `SELECT toUInt32(count()) AS count FROM ${gathering}`;
      const answer = await clickHouse.query({ query, format: 'JSONEachRow' });
      return (await answer.json<{ count: number }>())[0]?.count ?? 0;
    } catch (error) {
      throw clickHouseFailure(error);
    }
  }

  /** Whether a minute was counted otherwise. */
  async function pass(parameters: Record<string, unknown>, signal: AbortSignal): Promise<boolean> {
    await mutations.untilDone(signal);
    await mutations.command(`TRUNCATE TABLE ${gathering}`);
    await mutations.command(`INSERT INTO ${gathering} ${countedOtherwise}`, parameters);
    if ((await selectGathered()) === 0) return false;
    const { name, literal } = await mutations.tableOf(gathering);
    await mutations.command(
      `ALTER TABLE activity_minutes UPDATE actors = joinGet(${literal}, 'actors', ${key})
       WHERE organisation = {organisation:String} AND ${key} IN (SELECT minute_activity FROM ${name})`,
      parameters,
    );
    await mutations.untilDone(signal);
    await mutations.command(`TRUNCATE TABLE ${gathering}`);
    return true;
  }

  return {
    async rewrite({ organisationId, pseudonym, until }, signal) {
      const actor = agentKey({ account: pseudonym });
      const parameters = { organisation: organisationId, actor, until: storedOf(until) };
      for (let passes = 0; await pass(parameters, signal); passes += 1) {
        if (passes === mostPasses) throw new Error('the counts of learners do not come to rest');
      }
    },
  };
}

const key = `concat(toString(toUnixTimestamp(minute)), '|', activity)`;
const minute = `toStartOfMinute(toDateTime(stored, 'UTC'))`;
const theirMinutes = `SELECT ${minute} FROM statements
  WHERE organisation = {organisation:String} AND actor = {actor:String}
    AND stored <= toDateTime64({until:String}, 6, 'UTC')`;

/** As the roll-up counts (migration 0002), from all statements of these minutes. */
const counted = `SELECT ${key} AS minute_activity, uniqIfState(actor, actor != '') AS actors
  FROM (SELECT ${minute} AS minute, arrayJoin(related_activities) AS activity, actor FROM statements
    WHERE organisation = {organisation:String} AND ${minute} IN (${theirMinutes}))
  GROUP BY minute_activity HAVING countIf(actor = {actor:String}) > 0`;

const known = `SELECT ${key} AS minute_activity, uniqIfMergeState(actors) AS known
  FROM activity_minutes WHERE organisation = {organisation:String} AND minute IN (${theirMinutes})
  GROUP BY minute_activity`;

/** Two sets are one where they have as many members as both together. */
const countedOtherwise = `SELECT minute_activity, actors FROM (${counted}) AS counted
  INNER JOIN (${known}) AS known USING minute_activity
  WHERE finalizeAggregation(actors) != finalizeAggregation(known)
    OR finalizeAggregation(actors + known) != finalizeAggregation(actors)`;
