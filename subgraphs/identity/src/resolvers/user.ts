import { connection, requireViewer } from '@lyceum/graphql';
import { pageOfGroups, placeOfGroup, requireGroupsSeen } from '../domain/groups-of-user.ts';
import type { Role, UserResolvers } from '../generated/resolver-types.ts';

export const User: UserResolvers = {
  __resolveReference: ({ id }, { load }) => load.user.load(id),

  // Of who was erased, there is none.
  email: (user, _args, context) => context.users.emailSeenBy(requireViewer(context), user) || null,

  externalId: (user, _args, context) => {
    context.users.emailSeenBy(requireViewer(context), user);
    return user.externalId;
  },

  groups: ({ id }, args, context) => {
    requireGroupsSeen(requireViewer(context), id);
    const groups = context.load.groupsOfUser.load(id);
    return connection(args, {
      rows: async (page) => pageOfGroups(await groups, page),
      key: placeOfGroup,
      count: async () => (await groups).length,
    });
  },

  roles: ({ roles }) => roles as Role[],

  grants: ({ id }, _args, { load }) => load.grantsOf.load(id),
};
