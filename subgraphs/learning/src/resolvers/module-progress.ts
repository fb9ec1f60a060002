import type { ModuleProgressResolvers } from '../generated/resolver-types.ts';
import { ifSeen } from './if-seen.ts';

export const ModuleProgress: ModuleProgressResolvers = {
  __resolveReference: async ({ id }, context) =>
    ifSeen(context, 'progress.read', await context.load.moduleProgress.load(id)),

  module: ({ moduleId }) => ({ id: moduleId }),

  items: ({ organisationId, learnerId, moduleId }, _args, { load }) =>
    load.itemsOf.load({ organisationId, learnerId, moduleId }),
};
