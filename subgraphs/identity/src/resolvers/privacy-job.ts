import { requireViewer } from '@lyceum/graphql';
import type {
  PrivacyJobKind,
  PrivacyJobPartResolvers,
  PrivacyJobPartState,
  PrivacyJobResolvers,
  PrivacyJobState,
  PrivacyReportRowResolvers,
} from '../generated/resolver-types.ts';

export const PrivacyJob: PrivacyJobResolvers = {
  __resolveReference: async ({ id }, context) =>
    context.privacyJobs.seenBy(requireViewer(context), await context.load.privacyJob.load(id)),

  kind: ({ kind }) => kind as PrivacyJobKind,

  state: ({ state }) => state as PrivacyJobState,

  user: ({ userId }, _args, { load }) => load.user.load(userId),

  requestedBy: ({ requestedBy }, _args, { load }) => load.user.load(requestedBy),

  partsEnded: ({ parts }) => parts.filter(({ state }) => state !== 'WAITING').length,

  partsTotal: ({ parts }) => parts.length,

  archiveUrl: (job, _args, { archives }) => archives.urlOf(job),
};

export const PrivacyJobPart: PrivacyJobPartResolvers = {
  state: ({ state }) => state as PrivacyJobPartState,
};

export const PrivacyReportRow: PrivacyReportRowResolvers = {
  action: ({ action }) => action,
  reason: ({ reason }) => reason ?? null,
};
