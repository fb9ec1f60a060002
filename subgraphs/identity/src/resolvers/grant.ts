import { isRole } from '@lyceum/service';
import type { GrantResolvers } from '../generated/resolver-types.ts';

export const Grant: GrantResolvers = {
  role: ({ role }) => (isRole(role) ? role : null),

  course: ({ objectId }) => (objectId === '' ? null : { id: objectId }),
};
