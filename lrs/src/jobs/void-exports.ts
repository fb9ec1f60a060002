import type { Store } from '../store/store.ts';
import { tellProgress } from './tell-progress.ts';

/**
 * Somebody was erased: what was exported before has them still. Files that were to be had are no more, and an export that is
 * under way begins anew.
 */
export async function voidExports(tx: Store, organisationId: string): Promise<void> {
  for (const job of await tx.storeJobs.lockExports(organisationId)) {
    await tx.storeJobFiles.updateNone(job.id);
    await tx.storeJobFiles.deleteAttachments(job.id);
    const change =
      job.state === 'RUNNING'
        ? { place: {}, done: 0n, written: 0n, bytes: 0n }
        : { state: 'EXPIRED' as const, expiresAt: null };
    await tellProgress(tx, await tx.storeJobs.updateTakenAway(job.id, change));
  }
}
