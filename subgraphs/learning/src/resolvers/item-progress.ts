import { begunAt, doneAt, itemStatus } from '../domain/evidence.ts';
import type { ItemProgressResolvers } from '../generated/resolver-types.ts';
import { ifSeen } from './if-seen.ts';

export const ItemProgress: ItemProgressResolvers = {
  __resolveReference: async ({ id }, context) =>
    ifSeen(context, 'progress.read', await context.load.itemProgress.load(id)),

  item: ({ itemId }) => ({ id: itemId }),

  status: (progress) => itemStatus(progress.type, progress),

  startedAt: (progress) => begunAt(progress),

  completedAt: (progress) => doneAt(progress.type, progress),
};
