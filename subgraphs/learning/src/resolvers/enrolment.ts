import type { EnrolmentResolvers } from '../generated/resolver-types.ts';
import { ifSeen } from './if-seen.ts';

export const Enrolment: EnrolmentResolvers = {
  __resolveReference: async ({ id }, context) => ifSeen(context, await context.load.enrolment.load(id)),

  learner: ({ learnerId }) => ({ id: learnerId }),

  course: ({ courseId }) => ({ id: courseId }),

  progress: async ({ courseId, learnerId }, _args, { load }) => {
    const [progress] = await load.progressOf.load({ courseId, learnerId });
    return progress ?? null;
  },
};
