import { DomainError } from '@lyceum/service';
import type { Database } from '../store/store.ts';
import { recordAct, type AuditEntry } from './audit.ts';

/** Does the work; where it is refused as FORBIDDEN, that is kept too, outside of what was rolled back. */
export async function withRefusalsAudited<T>(
  store: Database,
  entry: AuditEntry,
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof DomainError && error.code === 'FORBIDDEN')
      await recordAct(store, { ...entry, refused: error.code });
    throw error;
  }
}
