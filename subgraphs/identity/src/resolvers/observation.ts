import type { ObservationResolvers } from '../generated/resolver-types.ts';

export const Observation: ObservationResolvers = {
  observer: ({ userId }, _args, { load }) => load.user.load(userId),

  learner: ({ objectId }, _args, { load }) => load.user.load(objectId),
};
