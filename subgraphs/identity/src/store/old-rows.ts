import type { Connection } from './store.ts';

/** As many as one statement deletes: it holds few rows, for a moment. */
const batchSize = 1_000;

/**
 * What nobody needs any more, of all organisations. Each deletes one batch and answers how many rows that was; each finds
 * its rows by an index, and leaves out those that another instance deletes at this moment.
 */
export function oldRows(db: Connection) {
  return {
    batchSize,

    /** A session without a token that is good goes on no more: it has ended. */
    deleteExpiredRefreshTokens: async (now: Date): Promise<number> => {
      const [deleted] = await db.$queryRaw<{ count: number }[]>`
        WITH expired AS (
          DELETE FROM refresh_token WHERE hash IN (
            SELECT hash FROM refresh_token WHERE expires_at < ${now} LIMIT ${batchSize} FOR UPDATE SKIP LOCKED)
          RETURNING session_id),
        ended AS (
          UPDATE session SET ended_at = ${now}
          WHERE ended_at IS NULL AND id IN (SELECT session_id FROM expired) AND NOT EXISTS (
            SELECT FROM refresh_token WHERE session_id = session.id AND expires_at >= ${now}))
        SELECT count(*)::int AS count FROM expired`;
      return deleted?.count ?? 0;
    },

    deleteSessionsEndedBefore: (before: Date) => db.$executeRaw`
      WITH old AS MATERIALIZED (
        SELECT id FROM session WHERE ended_at < ${before} LIMIT ${batchSize} FOR UPDATE SKIP LOCKED),
      tokens AS (DELETE FROM refresh_token WHERE session_id IN (SELECT id FROM old))
      DELETE FROM session WHERE id IN (SELECT id FROM old)`,

    deleteInvitationsExpiredBefore: (before: Date) => db.$executeRaw`
      DELETE FROM invitation WHERE id IN (
        SELECT id FROM invitation WHERE expires_at < ${before} LIMIT ${batchSize} FOR UPDATE SKIP LOCKED)`,

    deletePersonalAccessTokensExpiredBefore: (before: Date) => db.$executeRaw`
      DELETE FROM personal_access_token WHERE id IN (
        SELECT id FROM personal_access_token WHERE expires_at < ${before}
        LIMIT ${batchSize} FOR UPDATE SKIP LOCKED)`,

    deleteAccountTokensExpiredBefore: (before: Date) => db.$executeRaw`
      DELETE FROM account_token WHERE hash IN (
        SELECT hash FROM account_token WHERE expires_at < ${before} LIMIT ${batchSize} FOR UPDATE SKIP LOCKED)`,

    /** The faults of imports that were finished before; how many there were stays with the import. */
    deleteFaultsOfImportsFinishedBefore: (before: Date) => db.$executeRaw`
      DELETE FROM people_import_fault WHERE id IN (
        SELECT fault.id FROM people_import_fault fault JOIN people_import job ON job.id = fault.import_id
        WHERE job.finished_at < ${before} LIMIT ${batchSize} FOR UPDATE OF fault SKIP LOCKED)`,

    /** Uploads that were broken off, with the pieces of their files. */
    deleteUploadsLostBefore: (before: Date) => db.$executeRaw`
      DELETE FROM people_import WHERE id IN (
        SELECT id FROM people_import WHERE state = 'UPLOADING' AND leased_until < ${before}
        LIMIT ${batchSize} FOR UPDATE SKIP LOCKED)`,

    deleteGuessesBefore: (before: Date) => db.$executeRaw`
      DELETE FROM guess_limit WHERE subject IN (
        SELECT subject FROM guess_limit WHERE last_at < ${before} LIMIT ${batchSize} FOR UPDATE SKIP LOCKED)`,

    deleteCountedWindowsBegunBefore: (before: Date) => db.$executeRaw`
      DELETE FROM counted_window WHERE subject IN (
        SELECT subject FROM counted_window WHERE began_at < ${before}
        LIMIT ${batchSize} FOR UPDATE SKIP LOCKED)`,
  };
}
