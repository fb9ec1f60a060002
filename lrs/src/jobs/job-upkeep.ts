import type { Database } from '../store/store.ts';
import type { JobFiles } from './job-files.ts';
import { tellProgress } from './tell-progress.ts';

const atOnce = 50;

/** A worker that lost its job may still store a part that it had noted. */
const graceMs = 60_000;
const stagedMs = 24 * 60 * 60_000;

/** What is done about jobs as time goes by. Several processes do all of it: each is as good done twice. */
export function createJobUpkeep({ store, files }: { store: Database; files: JobFiles }) {
  /** A file whose time is over, or that never came, is none. */
  async function expire(now: Date): Promise<void> {
    for (const { organisationId, id } of await store.storeJobs.selectManyExpired(now, atOnce)) {
      await store.transaction(async (tx) => {
        const job = await tx.storeJobs.lock(organisationId, id);
        if (job?.state !== 'WAITING' && job?.state !== 'DONE') return;
        await tellProgress(tx, await tx.storeJobs.update(id, { state: 'EXPIRED', expiresAt: null }));
      });
    }
  }

  async function deleteSpent(now: Date): Promise<void> {
    const before = new Date(now.getTime() - graceMs);
    for (;;) {
      const spent = await store.storeJobFiles.selectManySpent(before, atOnce);
      for (const file of spent) {
        await files.delete(file.jobId, file.sha2);
        await store.storeJobFiles.delete(file);
      }
      if (spent.length < atOnce) return;
    }
  }

  return {
    async run(now = new Date()): Promise<void> {
      await expire(now);
      await deleteSpent(now);
      await files.sweep(new Date(now.getTime() - stagedMs));
    },
  };
}
