import type { Database } from '../store/store.ts';
import { dayMs } from './durations.ts';

/** For how long what has ended can still be looked up; the audit log keeps what was done. */
const keptMs = 90 * dayMs;

/**
 * Deletes what nobody needs any more. API clients and LRS keys that have ended stay: they are few, and what they did
 * names them.
 */
export async function deleteOldRows({ oldRows }: Pick<Database, 'oldRows'>, now: Date): Promise<void> {
  const before = (ms: number) => new Date(now.getTime() - ms);
  const works = [
    () => oldRows.deleteExpiredRefreshTokens(now),
    () => oldRows.deleteSessionsEndedBefore(before(keptMs)),
    () => oldRows.deleteInvitationsExpiredBefore(before(keptMs)),
    () => oldRows.deletePersonalAccessTokensExpiredBefore(before(keptMs)),
    () => oldRows.deleteAccountTokensExpiredBefore(before(dayMs)),
    () => oldRows.deleteFaultsOfImportsFinishedBefore(before(keptMs)),
    () => oldRows.deleteUploadsLostBefore(before(dayMs)),
    () => oldRows.deleteGuessesBefore(before(dayMs)),
    () => oldRows.deleteCountedWindowsBegunBefore(before(dayMs)),
  ];
  for (const work of works) await untilFew(work, oldRows.batchSize);
}

/** Batch after batch, so that no statement holds many rows, until one is not full. */
async function untilFew(deleteBatch: () => Promise<number>, batchSize: number): Promise<void> {
  while ((await deleteBatch()) >= batchSize);
}
