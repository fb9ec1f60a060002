import { payload, requireViewer } from '@lyceum/graphql';
import type { MutationResolvers } from '../../generated/resolver-types.ts';

export const questionMutations = {
  questionCreate: (_parent, { input }, context) =>
    payload(async () => ({ question: await context.questions.create(requireViewer(context), input) })),

  questionUpdate: (_parent, { input }, context) =>
    payload(async () => ({ question: await context.questions.update(requireViewer(context), input) })),

  questionDelete: (_parent, { input }, context) =>
    payload(async () => ({ assessment: await context.questions.delete(requireViewer(context), input.id) })),

  questionsReorder: (_parent, { input: { assessmentId, questionIds } }, context) =>
    payload(async () => ({
      assessment: await context.questions.reorder(requireViewer(context), assessmentId, questionIds),
    })),
} satisfies MutationResolvers;
