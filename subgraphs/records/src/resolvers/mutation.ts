import type { MutationResolvers } from '../generated/resolver-types.ts';
import { deadLetterMutations } from './mutations/dead-letters.ts';
import { statementForwardingMutations } from './mutations/statement-forwardings.ts';
import { storeJobMutations } from './mutations/store-jobs.ts';
import { storeRetentionMutations } from './mutations/store-retention.ts';

export const Mutation: Required<MutationResolvers> = {
  ...deadLetterMutations,
  ...storeJobMutations,
  ...storeRetentionMutations,
  ...statementForwardingMutations,
};
