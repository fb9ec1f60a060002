import { connection, requireViewer } from '@lyceum/graphql';
import { notFound } from '@lyceum/service';
import { placeOfGroup } from '../domain/groups-of-user.ts';
import { placeOfMember } from '../domain/people-list.ts';
import type { QueryResolvers } from '../generated/resolver-types.ts';

export const Query: Required<QueryResolvers> = {
  viewer: (_parent, _args, { viewer }) => viewer,

  user: async (_parent, { id }, { load }) => {
    const user = await load.user.load(id);
    if (!user) throw notFound('user', id);
    return user;
  },

  users: (_parent, { filter, orderBy, ...args }, context) => {
    const viewer = requireViewer(context);
    return connection(args, {
      rows: (page) => context.peopleList.page(viewer, filter ?? {}, orderBy, page),
      key: (member) => placeOfMember(orderBy.field, member),
      count: () => context.peopleList.count(viewer, filter ?? {}),
    });
  },

  organisation: async (_parent, { id }, { load }) => {
    const organisation = await load.organisation.load(id);
    if (!organisation) throw notFound('organisation', id);
    return organisation;
  },

  group: async (_parent, { id }, { load }) => {
    const group = await load.group.load(id);
    if (!group) throw notFound('group', id);
    return group;
  },

  groups: (_parent, args, context) => {
    const viewer = requireViewer(context);
    return connection(args, {
      rows: (page) => context.groups.page(viewer, page),
      key: placeOfGroup,
      count: () => context.groups.count(viewer),
    });
  },

  auditEvents: (_parent, { filter, ...args }, context) => {
    const viewer = requireViewer(context);
    return connection(args, {
      rows: (page) => context.auditLog.page(viewer, filter ?? {}, page),
      key: ({ sequence }) => [sequence.toString()],
      count: () => context.auditLog.count(viewer, filter ?? {}),
    });
  },

  userImport: async (_parent, { id }, { load }) => {
    const userImport = await load.userImport.load(id);
    if (!userImport) throw notFound('import', id);
    return userImport;
  },

  privacyJob: (_parent, { id }, context) => context.privacyJobs.get(requireViewer(context), id),

  privacyJobs: (_parent, args, context) => {
    const viewer = requireViewer(context);
    return connection(args, {
      rows: (page) => context.privacyJobs.page(viewer, page),
      key: ({ id }) => [id],
      count: () => context.privacyJobs.count(viewer),
    });
  },

  userImports: (_parent, args, context) => {
    const viewer = requireViewer(context);
    return connection(args, {
      rows: (page) => context.imports.page(viewer, page),
      key: ({ id }) => [id],
      count: () => context.imports.count(viewer),
    });
  },

  roles: (_parent, args, context) => {
    const viewer = requireViewer(context);
    return connection(args, {
      rows: (page) => context.roles.page(viewer, page),
      key: ({ id }) => [id],
      count: () => context.roles.count(viewer),
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

  signOn: (_parent, { organisation }, { identityProviders }) => identityProviders.enabledOf(organisation),

  identityProviders: (_parent, args, context) => {
    const viewer = requireViewer(context);
    return connection(args, {
      rows: (page) => context.identityProviders.page(viewer, page),
      key: ({ id }) => [id],
      count: () => context.identityProviders.count(viewer),
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

  invitations: (_parent, args, context) => {
    const viewer = requireViewer(context);
    return connection(args, {
      rows: (page) => context.invitations.page(viewer, page),
      key: ({ id }) => [id],
      count: () => context.invitations.count(viewer),
    });
  },
};
