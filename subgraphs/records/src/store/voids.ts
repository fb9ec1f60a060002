import type { Select } from './select.ts';

/** That a statement voids another. */
export interface Voiding {
  readonly target: string;
  /** The voiding statement. */
  readonly id: string;
  /** agentKey of who brought it, and whether they may void what others brought. */
  readonly authority: string;
  readonly any: boolean;
}

export function voidStore(select: Select) {
  return {
    /** What says that it voids one of `targets`, the first that was stored first (lrs/clickhouse/migrations/0010_voids.sql). */
    selectMany: (organisationId: string, targets: readonly string[]) =>
      select<Voiding>(
        `SELECT toString(target) AS target, toString(id) AS id, toString(authority) AS authority, any FROM voids
         WHERE organisation = {organisation:String} AND voids.target IN {targets:Array(UUID)}
         ORDER BY voids.stored, voids.id`,
        { organisation: organisationId, targets },
      ),
  };
}
