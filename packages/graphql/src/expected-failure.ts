import { CursorExpiredError, InvalidCursorError, SlowSubscriberError } from '@lyceum/events';
import { DomainError, invalid, unavailable } from '@lyceum/service';

/**
 * What PostgreSQL says of U+0000 in a text, and in a text within JSON
 * (https://www.postgresql.org/docs/current/errcodes-appendix.html).
 */
const charactersNotKept = new Set<unknown>(['22021', '22P05']);

/** Prisma's: no connection, or no end of the transaction, within the limits (packages/postgres). */
const transactionTimedOut = 'P2028';

/**
 * The expected failure that `error` is, if it is one. Beside a DomainError that is
 * - a text with U+0000, wherever it stands in the arguments: it is valid in GraphQL and JSON, and PostgreSQL keeps and
 *   looks up none;
 * - a database that so many want to write to that this one's turn did not come;
 * - a subscriber that reads more slowly than events come, or goes on from where the log's retention has passed;
 * - a cursor that is none of the topic's: subscriptions have it as `after`.
 */
export function expectedFailure(error: unknown): DomainError | undefined {
  if (error instanceof DomainError) return error;
  if (error instanceof SlowSubscriberError || error instanceof CursorExpiredError)
    return new DomainError(error.code, error.message);
  if (error instanceof InvalidCursorError)
    return invalid(['after'], 'after is not a cursor that this subscription gave out.');
  const code = databaseCode(error);
  if (charactersNotKept.has(code))
    return new DomainError(
      'INVALID',
      'A text of the arguments holds the character U+0000, which is not text.',
    );
  return code === transactionTimedOut
    ? unavailable('Too many changes wait for each other. Nothing was changed: try again in a moment.')
    : undefined;
}

interface DatabaseError {
  readonly code?: unknown;
  /** Prisma's: what its driver met. */
  readonly meta?: { readonly driverAdapterError?: { readonly cause?: { readonly originalCode?: unknown } } };
}

function databaseCode(error: unknown): unknown {
  if (!(error instanceof Error)) return undefined;
  const { code, meta } = error as Error & DatabaseError;
  return meta?.driverAdapterError?.cause?.originalCode ?? code;
}
