import type { StoreJob } from '../store/store-jobs.ts';

/** Where the LRS takes in and gives out the files of jobs (lrs/src/receive/store-files.ts). */
export function createStoreFiles(xapiUrl: string) {
  return {
    /** Null where there is no file, yet or any more. */
    urlOf({ id, kind, state }: StoreJob): string | null {
      if (kind === 'EXPORT' && state === 'DONE') return `${xapiUrl}/store/export?job=${id}`;
      if (kind === 'IMPORT' && state === 'WAITING') return `${xapiUrl}/store/import?job=${id}`;
      return null;
    },
  };
}
