import { requireViewer } from '@lyceum/graphql';
import type { Role, UserResolvers } from '../generated/resolver-types.ts';

export const User: UserResolvers = {
  __resolveReference: ({ id }, { load }) => load.user.load(id),

  email: (user, _args, context) => context.users.emailSeenBy(requireViewer(context), user),

  roles: ({ roles }) => roles as Role[],

  grants: ({ id }, _args, { load }) => load.grantsOf.load(id),
};
