import { loaderById, requireViewer, type RequestContext } from '@lyceum/graphql';
import DataLoader from 'dataloader';
import type { Assessments } from './domain/assessments.ts';
import type { Attempts } from './domain/attempts.ts';
import type { Questions } from './domain/questions.ts';

/** The domain, as resolvers call it. */
export interface Services {
  readonly assessments: Assessments;
  readonly questions: Questions;
  readonly attempts: Attempts;
}

export type Loaders = ReturnType<typeof createLoaders>;

export interface Context extends RequestContext, Services {
  /** Each finds only what the viewer may see. */
  readonly load: Loaders;
}

/** Makes the context of each request: loaders never outlive one. */
export function createContext(services: Services): (request: RequestContext) => Context {
  return (request) => ({ ...request, ...services, load: createLoaders(services, request) });
}

/** One query for all that a level of the answer asks for. */
function createLoaders({ assessments, questions, attempts }: Services, request: RequestContext) {
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
