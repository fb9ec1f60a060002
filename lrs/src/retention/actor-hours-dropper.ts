import type { ClickHouseClient } from '@lyceum/clickhouse';
import { createDeletion } from '../personal-data/deletion.ts';
import type { Recount } from '../roll-ups/recount.ts';
import { actorHours } from '../roll-ups/roll-up.ts';
import { parametersOf, type DroppedPiece } from './drop-notes.ts';

/**
 * Takes what was dropped out of actor_hours, which holds persons: the rows of these hours go, and what the remaining
 * statements say is counted. For the moment between, nobody is counted in them. Roll-ups without persons stay as they are
 * (docs/decisions/0038). Statements come first. For one process at a time.
 */
export interface ActorHoursDropper {
  /** @throws UnavailableError */
  drop(piece: DroppedPiece, signal: AbortSignal): Promise<void>;
}

const ofOrganisation = 'organisation = {organisation:String}';
const hourOf = (name: string) => `toStartOfHour(toDateTime(toDateTime64({${name}:String}, 6, 'UTC'), 'UTC'))`;

const ofHours = {
  ofRows: `${ofOrganisation} AND hour BETWEEN ${hourOf('first')} AND ${hourOf('last')}`,
  ofStatements: `${ofOrganisation} AND stored >= ${hourOf('first')} AND stored < ${hourOf('last')} + INTERVAL 1 HOUR`,
};

export function createActorHoursDropper(clickHouse: ClickHouseClient, recount: Recount): ActorHoursDropper {
  const { deleteRows } = createDeletion(clickHouse);
  return {
    async drop(piece, signal) {
      const parameters = parametersOf(piece);
      await deleteRows('actor_hours', ofHours.ofRows, parameters);
      await recount.run(actorHours, { ...ofHours, parameters }, signal);
    },
  };
}
