import { connection, requireViewer } from '@lyceum/graphql';
import { notFound } from '@lyceum/service';
import type { QueryResolvers } from '../generated/resolver-types.ts';

export const Query: QueryResolvers = {
  viewer: (_parent, _args, { viewer }) => viewer,

  user: async (_parent, { id }, { load }) => {
    const user = await load.user.load(id);
    if (!user) throw notFound('user', id);
    return user;
  },

  users: (_parent, { filter, ...args }, context) => {
    const viewer = requireViewer(context);
    return connection(args, {
      rows: (page) => context.users.page(viewer, filter ?? {}, page),
      key: ({ name, id }) => [name, id],
      count: () => context.users.count(viewer, filter ?? {}),
    });
  },

  organisation: async (_parent, { id }, { load }) => {
    const organisation = await load.organisation.load(id);
    if (!organisation) throw notFound('organisation', id);
    return organisation;
  },

  auditEvents: (_parent, { filter, ...args }, context) => {
    const viewer = requireViewer(context);
    return connection(args, {
      rows: (page) => context.auditLog.page(viewer, filter ?? {}, page),
      key: ({ sequence }) => [sequence.toString()],
      count: () => context.auditLog.count(viewer, filter ?? {}),
    });
  },

  apiClients: (_parent, args, context) => {
    const viewer = requireViewer(context);
    return connection(args, {
      rows: (page) => context.apiClients.page(viewer, page),
      key: ({ id }) => [id],
      count: () => context.apiClients.count(viewer),
    });
  },

  lrsKeys: (_parent, args, context) => {
    const viewer = requireViewer(context);
    return connection(args, {
      rows: (page) => context.lrsKeys.page(viewer, page),
      key: ({ id }) => [id],
      count: () => context.lrsKeys.count(viewer),
    });
  },
};
