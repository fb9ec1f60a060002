import type { ClickHouseClient } from '@lyceum/clickhouse';
import { agentKey } from '@lyceum/xapi';
import type { Recount } from '../roll-ups/recount.ts';
import { actorHours } from '../roll-ups/roll-up.ts';
import { createDeletion } from './deletion.ts';
import { storedOf, type Person } from './person.ts';

/**
 * Takes a person out of actor_hours: rows under their keys are deleted, and what the statements say by then, under the
 * pseudonym, is counted. A key of a sorted table can't be rewritten in its place; for the moment between, the person is in
 * no count of actors. Statements come first. For one process at a time.
 */
export interface ActorHoursEraser {
  /** Ends when no row is left under a key of theirs but for what somebody has stored since. @throws UnavailableError */
  erase(person: Person, signal: AbortSignal): Promise<void>;
}

/** As comparableKey compares. */
const isTheirs = `has({keys:Array(String)}, if(startsWith(lower(actor), 'mailto:'), lowerUTF8(actor), actor))`;

const ofOrganisation = 'organisation = {organisation:String}';
const until = `toDateTime64({until:String}, 6, 'UTC')`;
const lastHour = `toStartOfHour(toDateTime(${until}, 'UTC'))`;
const isPseudonym = 'actor = {pseudonym:String}';

const underTheirKeys = `${ofOrganisation} AND hour <= ${lastHour} AND ${isTheirs}`;

/** Under their own keys nothing is left but what was stored after the request, in the hour of it. */
const counted = {
  ofStatements: `${ofOrganisation} AND stored < ${lastHour} + INTERVAL 1 HOUR
    AND (${isPseudonym} OR stored >= ${lastHour} AND ${isTheirs})`,
  ofRows: `${ofOrganisation} AND hour <= ${lastHour} AND (${isPseudonym} OR ${isTheirs})`,
};

export function createActorHoursEraser(clickHouse: ClickHouseClient, recount: Recount): ActorHoursEraser {
  const { deleteRows } = createDeletion(clickHouse);

  return {
    async erase({ organisationId, pseudonym, keys, until: instant }, signal) {
      const own = agentKey({ account: pseudonym }) ?? '';
      const parameters = {
        organisation: organisationId,
        pseudonym: own,
        keys: keys.filter((key) => key !== own),
        until: storedOf(instant),
      };
      await deleteRows('actor_hours', underTheirKeys, parameters);
      await recount.run(actorHours, { ...counted, parameters }, signal);
    },
  };
}
