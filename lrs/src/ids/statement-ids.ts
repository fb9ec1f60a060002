import type { AppendRecord } from '@lyceum/events';
import type { FoundStatement } from '../query/select-statements.ts';
import type { DroppedStatement } from './dropped-statements.ts';

/**
 * The ids of an installation's statements, each taken once (docs/decisions/0022-statement-ids.md). On one machine they
 * lie in the log's own files (log-ids.ts), elsewhere in PostgreSQL (database-ids.ts); one suite holds both to this.
 */
export interface StatementIds {
  /**
   * Appends a request's record and takes the ids of its statements, or does neither and says what stood in the way. True
   * under any race between all receivers, and across a crash. What is appended is so in the order of the calls: who tries
   * again must stamp anew, since `stored` is the order of the log.
   *
   * @throws UnavailableError where nobody can tell whether an id is taken
   * @throws LostClaimError where another request got the ids meanwhile
   * @throws whatever EventLog.append throws; nothing was appended then, or ingest will leave it out
   */
  append(record: AppendRecord, claim: IdClaim): Promise<AppendOutcome>;
  /**
   * A statement that was accepted, as soon as it was, for as long as ClickHouse may not have it. Whoever was erased is
   * not in it; what was dropped is not there.
   *
   * @throws UnavailableError where it may have been accepted and can't be read now
   */
  selectOptional(organisationId: string, id: string): Promise<FoundStatement | null>;
}

/** The ids of one request's statements, in their order, in lower case. */
export interface IdClaim {
  readonly organisationId: string;
  readonly ids: readonly string[];
  /** Whether all were made by this process: nobody can have used one before. */
  readonly idsMade: boolean;
  /** Of which an append before has found that they are free. */
  readonly free?: ReadonlySet<string>;
}

export type AppendOutcome = 'appended' | Obstacles;

/** Where nothing is taken, what stood in the way has gone: try again. */
export interface Obstacles {
  readonly taken: readonly TakenId[];
  /** Ids that seemed taken, and are free. */
  readonly free: readonly string[];
}

/** An id that another statement has. */
export interface TakenId {
  /** Which of the ids asked for. */
  readonly place: number;
  /** Null where it was accepted and can't be read: ingest has put it aside. */
  readonly statement: FoundStatement | DroppedStatement | null;
}

/** Another request, which waited long enough, took the ids. Nothing was accepted, though the log may have the record. */
export class LostClaimError extends Error {
  override name = 'LostClaimError';

  constructor() {
    super('another request took the ids of this one, whose append had not ended');
  }
}

/** Says of a record how its ids were taken: by `log`, or by a request in PostgreSQL, whose id it is. */
export const claimHeader = 'claim';
