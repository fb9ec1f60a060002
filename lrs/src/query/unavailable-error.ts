import { ClickHouseError } from '@clickhouse/client';

/** Something that a reader needs does not answer now, and may in a while. */
export class UnavailableError extends Error {
  override name = 'UnavailableError';
  /** For people: `ClickHouse`. */
  readonly what: string;

  constructor(what: string, cause: unknown) {
    super(`${what} does not answer`, { cause });
    this.what = what;
  }
}

/**
 * ErrorCodes.cpp, of a ClickHouse that answers and can't: its tables are not there yet (47, 60, 81), it is out of time,
 * places, memory or threads (159, 202, 241, 439, 745), it or one behind it goes down (209, 210, 236, 279, 394).
 */
const passing = new Set([
  '47',
  '60',
  '81',
  '159',
  '202',
  '209',
  '210',
  '236',
  '241',
  '279',
  '394',
  '439',
  '745',
]);

/** The error to throw for one of the client: without an answer, or with one that says "later", it is unavailable. */
export function clickHouseFailure(error: unknown): unknown {
  const answered = error instanceof ClickHouseError && !passing.has(error.code);
  return answered ? error : new UnavailableError('ClickHouse', error);
}
