import { idPrefix } from '@lyceum/service';
import type { StoreJobResolvers } from '../generated/resolver-types.ts';

export const StoreJob: StoreJobResolvers = {
  __resolveReference: ({ id }, { load }) => load.storeJob.load(id),

  requestedBy: ({ requestedBy }) => (idPrefix(requestedBy) === 'user' ? { id: requestedBy } : null),

  done: ({ done }) => Number(done),

  total: ({ total }) => (total === null ? null : Number(total)),

  written: ({ written }) => Number(written),

  known: ({ known }) => Number(known),

  faulty: ({ faulty }) => Number(faulty),

  bytes: ({ bytes }) => Number(bytes),

  rules: ({ parameters: { rules = [] } }) =>
    rules.map(({ before, ...rest }) => ({ ...rest, before: new Date(before) })),

  fileUrl: (job, _args, { storeFiles }) => storeFiles.urlOf(job),
};
