import { DomainError } from '@lyceum/service';
import type { Database } from '../store/store.ts';
import { recordAct, type AuditEntry } from './audit.ts';

/**
 * Does the work of an act, and records it as refused where what was shown is not accepted: past the transaction of the
 * work, which is rolled back.
 */
export async function recordingRefusal<T>(
  store: Database,
  entry: Omit<AuditEntry, 'refused'>,
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof DomainError && error.code === 'CREDENTIALS_REFUSED') {
      const { reason } = error.details;
      await recordAct(store, { ...entry, refused: typeof reason === 'string' ? reason : error.code });
    }
    throw error;
  }
}
