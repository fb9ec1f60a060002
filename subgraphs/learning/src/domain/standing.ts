import { standingOf, type Tally, type TallyStatus } from './tally.ts';

/** A row of progress, of a module or a course: its tally, and what a client is shown of it. */
export interface Standing extends Tally {
  readonly status: TallyStatus;
  readonly percent: number;
  readonly updatedAt: Date;
}

/** The row before, null where it is new, and after; the same object where nothing is to be written. */
export interface StandingChange<Row> {
  readonly before: Row | null;
  readonly after: Row;
}

/**
 * The row with another tally; the row itself where the tally is the same. `updatedAt` moves only with what a client
 * is shown.
 */
export function withTally<Row extends Standing>(row: Row, tally: Tally, now: Date): Row {
  if (sameTally(row, tally)) return row;
  const next = { ...row, ...tally, ...standingOf(tally) };
  return looksAlike(row, next) ? next : { ...next, updatedAt: now };
}

/** Is there nothing that a client would see as a change? */
export function looksAlike(one: Standing, other: Standing): boolean {
  return (
    one.status === other.status &&
    one.percent === other.percent &&
    one.completedItems === other.completedItems &&
    one.requiredItems === other.requiredItems
  );
}

function sameTally(one: Tally, other: Tally): boolean {
  return (
    one.completedItems === other.completedItems &&
    one.requiredItems === other.requiredItems &&
    one.startedAt?.getTime() === other.startedAt?.getTime() &&
    one.completedAt?.getTime() === other.completedAt?.getTime()
  );
}
