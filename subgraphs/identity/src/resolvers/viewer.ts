import { connection, found, requirePerson } from '@lyceum/graphql';
import { requirePermission } from '@lyceum/service';
import type { ViewerResolvers } from '../generated/resolver-types.ts';

export const Viewer: ViewerResolvers = {
  user: async (_viewer, _args, context) => found(context.load.user, 'user', requirePerson(context).userId),

  permissions: ({ permissions }) => [...permissions],

  organisation: ({ organisationId }, _args, { load }) =>
    found(load.organisation, 'organisation', organisationId),

  preferences: (_viewer, _args, context) => context.preferences.of(requirePerson(context)),

  observing: (_viewer, _args, context) => context.observations.by(requirePerson(context)),

  organisations: (viewer, _args, { sessionSwitches }) => sessionSwitches.organisationsOf(viewer),

  sessions: (_viewer, args, context) => {
    const viewer = requirePerson(context);
    requirePermission(viewer, 'session.read.own');
    return connection(args, {
      rows: (page) => context.sessions.page(viewer, page),
      key: ({ id }) => [id],
      count: () => context.sessions.count(viewer),
    });
  },

  personalAccessTokens: (_viewer, args, context) => {
    const viewer = requirePerson(context);
    requirePermission(viewer, 'personal-access-token.read.own');
    return connection(args, context.personalAccessTokens.listed(viewer));
  },

  privacyJobs: (_viewer, args, context) => {
    const viewer = requirePerson(context);
    requirePermission(viewer, 'personal-data.export.own');
    return connection(args, context.privacyJobs.listedOwn(viewer));
  },

  secondFactors: (viewer, _args, { secondFactors }) => {
    requirePermission(viewer, 'second-factor.read.own');
    return secondFactors.of(viewer);
  },

  signOnLinks: (viewer, _args, { signOnUnlinking }) => {
    requirePermission(viewer, 'second-factor.read.own');
    return signOnUnlinking.of(viewer);
  },

  passkeys: (viewer, args, { passkeys }) => {
    requirePermission(viewer, 'second-factor.read.own');
    return connection(args, passkeys.listed(viewer));
  },
};
