import { connection, found, requireViewer } from '@lyceum/graphql';
import type { QueryResolvers } from '../generated/resolver-types.ts';

export const Query: Required<QueryResolvers> = {
  viewer: (_parent, _args, { viewer }) => viewer,

  user: (_parent, { id }, { load }) => found(load.user, 'user', id),

  users: (_parent, { filter, orderBy, ...args }, context) =>
    connection(args, context.peopleList.listed(requireViewer(context), filter ?? {}, orderBy)),

  organisation: (_parent, { id }, context) => context.organisations.byId(requireViewer(context), id),

  organisations: (_parent, { filter, orderBy, ...args }, context) =>
    connection(args, context.organisationList.listed(requireViewer(context), filter ?? {}, orderBy)),

  organisationBranding: (_parent, { slug }, { organisations }) => organisations.publicBySlug(slug),

  group: (_parent, { id }, { load }) => found(load.group, 'group', id),

  groups: (_parent, args, context) => connection(args, context.groups.listed(requireViewer(context))),

  auditEvents: (_parent, { filter, ...args }, context) =>
    connection(args, context.auditLog.listed(requireViewer(context), filter ?? {})),

  userImport: (_parent, { id }, { load }) => found(load.userImport, 'import', id),

  userImports: (_parent, args, context) => connection(args, context.imports.listed(requireViewer(context))),

  privacyJob: (_parent, { id }, context) => context.privacyJobs.get(requireViewer(context), id),

  privacyJobs: (_parent, args, context) =>
    connection(args, context.privacyJobs.listed(requireViewer(context))),

  roles: (_parent, args, context) => connection(args, context.roles.listed(requireViewer(context))),

  apiClients: (_parent, args, context) => connection(args, context.apiClients.listed(requireViewer(context))),

  signOn: (_parent, { organisation }, { identityProviders }) => identityProviders.enabledOf(organisation),

  identityProviders: (_parent, args, context) =>
    connection(args, context.identityProviders.listed(requireViewer(context))),

  lrsKeys: (_parent, args, context) => connection(args, context.lrsKeys.listed(requireViewer(context))),

  invitations: (_parent, args, context) =>
    connection(args, context.invitations.listed(requireViewer(context))),
};
