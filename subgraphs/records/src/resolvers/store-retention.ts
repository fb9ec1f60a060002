import { idPrefix } from '@lyceum/service';
import type { StoreRetentionResolvers } from '../generated/resolver-types.ts';

export const StoreRetention: StoreRetentionResolvers = {
  updatedBy: ({ updatedBy }) => (idPrefix(updatedBy) === 'user' ? { id: updatedBy } : null),
};
