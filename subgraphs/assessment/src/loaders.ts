import { loaderById, requireViewer, type RequestContext } from '@lyceum/graphql';
import DataLoader from 'dataloader';
import type { Services } from './context.ts';

export type Loaders = ReturnType<typeof createLoaders>;

/** The look-ups of one request, each one query for all that a level of the answer asks for. */
export function createLoaders({ assessments, questions, attempts }: Services, request: RequestContext) {
  const viewer = () => requireViewer(request);
  return {
    assessments: loaderById(async (ids) => assessments.readable(viewer(), ids)),
    referencedAssessments: loaderById(async (ids) => assessments.referenced(viewer(), ids)),
    assessmentTotals: loaderById(async (ids) => assessments.totals(viewer(), ids)),
    questions: loaderById(async (ids) => questions.readable(viewer(), ids)),
    referencedQuestions: loaderById(async (ids) => questions.referenced(viewer(), ids)),
    questionsOfAssessment: loaderOfMany(
      async (ids) => questions.ofAssessments(viewer(), ids),
      ({ assessmentId }) => assessmentId,
    ),
    questionVersions: loaderById(async (ids) => questions.versions(viewer(), ids)),
    answerKeys: loaderById(async (ids) => questions.answerKeys(viewer(), ids)),
    attempts: loaderById(async (ids) => attempts.readable(viewer(), ids)),
    responsesOfAttempt: loaderOfMany(
      async (ids) => attempts.responses(viewer(), ids),
      ({ attemptId }) => attemptId,
    ),
  };
}

/** For each parent its rows, in the order in which `select` answers them. */
function loaderOfMany<Row>(
  select: (parentIds: readonly string[]) => Promise<readonly Row[]>,
  parentOf: (row: Row) => string,
): DataLoader<string, Row[]> {
  return new DataLoader(async (ids) => {
    const rows = new Map<string, Row[]>(ids.map((id) => [id, []]));
    for (const row of await select(ids)) rows.get(parentOf(row))?.push(row);
    return ids.map((id) => rows.get(id) ?? []);
  });
}
