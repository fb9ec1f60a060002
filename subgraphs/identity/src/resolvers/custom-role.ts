import { requireViewer } from '@lyceum/graphql';
import { viewerMay } from '@lyceum/service';
import type { CustomRoleResolvers } from '../generated/resolver-types.ts';

export const CustomRole: CustomRoleResolvers = {
  __resolveReference: ({ id }, context) =>
    viewerMay(requireViewer(context), 'role.read') ? context.load.role.load(id) : null,
};
