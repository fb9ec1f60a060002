import { payload, requirePerson, requireViewer } from '@lyceum/graphql';
import type { MutationResolvers } from '../generated/resolver-types.ts';

export const Mutation: Required<MutationResolvers> = {
  assessmentCreate: (_parent, { input }, context) =>
    payload(async () => ({ assessment: await context.assessments.create(requireViewer(context), input) })),

  assessmentUpdate: (_parent, { input }, context) =>
    payload(async () => ({ assessment: await context.assessments.update(requireViewer(context), input) })),

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

  attemptStart: (_parent, { input }, context) =>
    payload(async () => ({ attempt: await context.attempts.start(requirePerson(context), input) })),

  attemptAnswer: (_parent, { input }, context) =>
    payload(async () => ({ attempt: await context.attempts.answer(requirePerson(context), input) })),

  attemptSubmit: (_parent, { input }, context) =>
    payload(async () => ({ attempt: await context.attempts.submit(requirePerson(context), input) })),
};
