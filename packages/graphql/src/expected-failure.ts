import { DomainError } from '@lyceum/service';

/** What PostgreSQL says of U+0000 in a text (https://www.postgresql.org/docs/current/errcodes-appendix.html). */
const characterNotInRepertoire = '22021';

/**
 * The expected failure that `error` is, if it is one. Beside a DomainError that is a text with U+0000, wherever it
 * stands in the arguments: it is valid in GraphQL and JSON, and PostgreSQL keeps and looks up none.
 */
export function expectedFailure(error: unknown): DomainError | undefined {
  if (error instanceof DomainError) return error;
  if (postgresCode(error) !== characterNotInRepertoire) return undefined;
  return new DomainError('INVALID', 'A text of the arguments holds the character U+0000, which is not text.');
}

interface DatabaseError {
  readonly code?: unknown;
  /** Prisma's: what its driver met. */
  readonly meta?: { readonly driverAdapterError?: { readonly cause?: { readonly originalCode?: unknown } } };
}

function postgresCode(error: unknown): unknown {
  if (!(error instanceof Error)) return undefined;
  const { code, meta } = error as Error & DatabaseError;
  return meta?.driverAdapterError?.cause?.originalCode ?? code;
}
