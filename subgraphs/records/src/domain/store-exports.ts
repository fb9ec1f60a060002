import { invalid, requirePermission, type Viewer } from '@lyceum/service';
import type { StoreJob } from '../store/store-jobs.ts';
import type { Names } from './names.ts';
import type { StoreJobs } from './store-jobs.ts';

export interface WantedExport {
  readonly since?: Date | null | undefined;
  readonly until?: Date | null | undefined;
  readonly verb?: string | null | undefined;
  readonly activity?: string | null | undefined;
  readonly attachments: boolean;
}

/** An organisation's statements to a file. */
export function createStoreExports({ storeJobs, names }: { storeJobs: StoreJobs; names: Names }) {
  return {
    /** @throws FORBIDDEN, INVALID; CONFLICT where one is under way */
    create(viewer: Viewer, { since, until, verb, activity, attachments }: WantedExport): Promise<StoreJob> {
      requirePermission(viewer, 'store.export');
      if (since != null && until != null && since >= until)
        throw invalid(['input', 'until'], 'Nothing was stored after since and not after until.');
      const parameters = {
        ...(since == null ? {} : { since: since.toISOString() }),
        ...(until == null ? {} : { until: until.toISOString() }),
        ...(verb == null ? {} : { verb: names.verbOf(['input', 'verb'], verb) }),
        ...(activity == null ? {} : { activity: names.activityOf(['input', 'activity'], activity) }),
        attachments,
      };
      return storeJobs.begin(viewer, { kind: 'EXPORT', state: 'RUNNING', parameters });
    },
  };
}
