import { connection } from '@lyceum/graphql';
import { notFound, requirePermission } from '@lyceum/service';
import type { ViewerResolvers } from '../generated/resolver-types.ts';

export const Viewer: ViewerResolvers = {
  user: async ({ userId }, _args, { load }) => {
    const user = await load.user.load(userId);
    if (!user) throw notFound('user', userId);
    return user;
  },

  permissions: ({ permissions }) => [...permissions],

  organisation: async ({ organisationId }, _args, { load }) => {
    const organisation = await load.organisation.load(organisationId);
    if (!organisation) throw notFound('organisation', organisationId);
    return organisation;
  },

  sessions: (viewer, args, { sessions }) => {
    requirePermission(viewer, 'session.read.own');
    return connection(args, {
      rows: (page) => sessions.page(viewer, page),
      key: ({ id }) => [id],
      count: () => sessions.count(viewer),
    });
  },

  secondFactors: (viewer, _args, { secondFactors }) => {
    requirePermission(viewer, 'second-factor.read.own');
    return secondFactors.of(viewer);
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
