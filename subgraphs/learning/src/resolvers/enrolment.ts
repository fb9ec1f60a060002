import type { EnrolmentResolvers } from '../generated/resolver-types.ts';
import { ifSeen } from './if-seen.ts';

export const Enrolment: EnrolmentResolvers = {
  __resolveReference: async ({ id }, context) =>
    ifSeen(context, 'enrolment.read', await context.load.enrolment.load(id)),

  learner: ({ learnerId }) => ({ id: learnerId }),

  course: ({ courseId }) => ({ id: courseId }),

  progress: async ({ courseId, learnerId }, _args, context) => {
    const [progress] = await context.load.progressOf.load({ courseId, learnerId });
    return ifSeen(context, 'progress.read', progress ?? null);
  },
};
