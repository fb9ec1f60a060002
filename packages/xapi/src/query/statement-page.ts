import type { StatementFilter, StatementPlace } from './statement-filter.ts';

/** Which page is asked for. */
export interface StatementPage {
  readonly organisationId: string;
  readonly filter: StatementFilter;
  /** The page begins behind this place, in its own order, and ends before that one. */
  readonly after?: StatementPlace | undefined;
  readonly before?: StatementPlace | undefined;
  readonly limit: number;
  /**
   * `stored` as in StatementPlace: what was stored later, or voided or reached by what was, is as if it were not there.
   * Absent: whatever is there.
   */
  readonly snapshot?: string;
  readonly narrowing?: Narrowing;
}

/** Conditions that the standard does not have, in SQL over the columns of `statements`, with their parameters. */
export interface Narrowing {
  /** What the statement itself must be, whatever it refers to. */
  readonly own: readonly string[];
  /**
   * What the reader may read at all: the statement, and what it is found by. Nobody must learn by a reference of their
   * own what is in another's.
   */
  readonly readable: readonly string[];
  readonly parameters: Readonly<Record<string, unknown>>;
  /** Names of parameters, lists of agentKeys, which the conditions want the actor of the statement itself to be one of. */
  readonly actors?: readonly string[];
}
