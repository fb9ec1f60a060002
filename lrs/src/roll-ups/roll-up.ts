/** A table of sums over statements, made by a materialized view as they come in (clickhouse/migrations 0017 to 0019). */
export interface RollUp {
  readonly table: string;
  /** The column of time, and what it is of `stored`. */
  readonly bucket: 'minute' | 'hour';
  /** What it counts by, beside organisation and time: columns that `statements` has too. */
  readonly by: readonly string[];
  /** Which statements are counted. */
  readonly where: string;
}

export const actorHours: RollUp = {
  table: 'actor_hours',
  bucket: 'hour',
  by: ['actor', 'verb'],
  where: `actor != ''`,
};

export const rollUps: readonly RollUp[] = [
  { table: 'verb_minutes', bucket: 'minute', by: ['verb'], where: '1' },
  { table: 'activity_hours', bucket: 'hour', by: ['activity', 'verb'], where: `activity != ''` },
  actorHours,
];
