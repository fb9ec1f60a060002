import { requirePermission, type Viewer } from '@lyceum/service';
import type { StoreJob } from '../store/store-jobs.ts';
import type { StoreJobs } from './store-jobs.ts';

/** A file of statements into an organisation's store. */
export function createStoreImports({ storeJobs }: { storeJobs: StoreJobs }) {
  return {
    /** Waits for its file, which the LRS takes in. @throws FORBIDDEN; CONFLICT where one is under way */
    create(
      viewer: Viewer,
      { dryRun, keepsOriginals }: { dryRun: boolean; keepsOriginals: boolean },
    ): Promise<StoreJob> {
      requirePermission(viewer, 'store.import');
      if (keepsOriginals) requirePermission(viewer, 'store.import.original');
      const parameters = { dryRun, keepsOriginals };
      return storeJobs.begin(viewer, { kind: 'IMPORT', state: 'WAITING', parameters });
    },
  };
}
