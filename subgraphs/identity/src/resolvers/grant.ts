import { isRole, scopeOf } from '@lyceum/service';
import type { GrantResolvers } from '../generated/resolver-types.ts';

export const Grant: GrantResolvers = {
  role: ({ role }) => (isRole(role) ? role : null),

  course: ({ objectId }) => (scopeOf(objectId) === 'course' ? { id: objectId } : null),

  group: ({ objectId }, _args, { load }) =>
    scopeOf(objectId) === 'group' ? load.group.load(objectId) : null,
};
