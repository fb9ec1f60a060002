import { connection, requirePerson } from '@lyceum/graphql';
import { notFound, requirePermission } from '@lyceum/service';
import type { ViewerResolvers } from '../generated/resolver-types.ts';

export const Viewer: ViewerResolvers = {
  user: async (_viewer, _args, context) => {
    const { userId } = requirePerson(context);
    const user = await context.load.user.load(userId);
    if (!user) throw notFound('user', userId);
    return user;
  },

  permissions: ({ permissions }) => [...permissions],

  organisation: async ({ organisationId }, _args, { load }) => {
    const organisation = await load.organisation.load(organisationId);
    if (!organisation) throw notFound('organisation', organisationId);
    return organisation;
  },

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
    return connection(args, {
      rows: (page) => context.personalAccessTokens.page(viewer, page),
      key: ({ id }) => [id],
      count: () => context.personalAccessTokens.count(viewer),
    });
  },

  privacyJobs: (_viewer, args, context) => {
    const viewer = requirePerson(context);
    requirePermission(viewer, 'personal-data.export.own');
    return connection(args, {
      rows: (page) => context.privacyJobs.pageOfOwn(viewer, page),
      key: ({ id }) => [id],
      count: () => context.privacyJobs.countOfOwn(viewer),
    });
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
    return connection(args, {
      rows: (page) => passkeys.page(viewer, page),
      key: ({ id }) => [id],
      count: () => passkeys.count(viewer),
    });
  },
};
