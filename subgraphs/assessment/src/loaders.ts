import { loaderById, loaderOfMany, requireViewer, type RequestContext } from '@lyceum/graphql';
import type { Services } from './services.ts';

export type Loaders = ReturnType<typeof createLoaders>;

/** One query for all that a level of the answer asks for. */
export function createLoaders({ assessments, questions, attempts }: Services, request: RequestContext) {
  const viewer = () => requireViewer(request);
  return {
    assessment: loaderById(async (ids) => assessments.readable(viewer(), ids)),
    referencedAssessment: loaderById(async (ids) => assessments.referenced(viewer(), ids)),
    assessmentTotals: loaderById(async (ids) => assessments.totals(viewer(), ids)),
    question: loaderById(async (ids) => questions.readable(viewer(), ids)),
    referencedQuestion: loaderById(async (ids) => questions.referenced(viewer(), ids)),
    questionsOfAssessment: loaderOfMany(
      async (ids) => questions.ofAssessments(viewer(), ids),
      ({ assessmentId }) => assessmentId,
    ),
    questionVersion: loaderById(async (ids) => questions.versions(viewer(), ids)),
    answerKey: loaderById(async (ids) => questions.answerKeys(viewer(), ids)),
    attempt: loaderById(async (ids) => attempts.readable(viewer(), ids)),
    responsesOfAttempt: loaderOfMany(
      async (ids) => attempts.responses(viewer(), ids),
      ({ attemptId }) => attemptId,
    ),
  };
}
