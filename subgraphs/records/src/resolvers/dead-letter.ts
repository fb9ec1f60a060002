import { stateOf } from '../domain/dead-letters.ts';
import type { DeadLetterResolvers } from '../generated/resolver-types.ts';

export const DeadLetter: DeadLetterResolvers = {
  state: stateOf,

  decidedAt: ({ act }) => (act === undefined ? null : new Date(act.at)),

  decidedBy: ({ act }) => (act === undefined ? null : { id: act.by }),

  payload: async (letter, _args, { load }) => load.deadLetterPayload.load(letter),
};
