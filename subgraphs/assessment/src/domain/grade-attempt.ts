import type { Attempt } from '../store/attempts.ts';
import type { Response } from '../store/responses.ts';
import type { Store } from '../store/store.ts';
import { gradeResponse, passes, scoreOf, type GradedResponse } from './scoring.ts';

/** A question of an attempt with its answer and what it scored. */
export type ResponseWithGrade = Response & { readonly graded: GradedResponse };

/** Grades an attempt that is locked and in progress, and keeps the result. The score is that of the pinned versions. */
export async function gradeAttempt(
  tx: Store,
  attempt: Attempt,
  submitKey: string,
): Promise<{ graded: Attempt; responses: ResponseWithGrade[] }> {
  const { id, organisationId } = attempt;
  const responses = await gradedResponses(tx, attempt);
  const score = scoreOf(
    responses.map(({ version, graded }) => ({ points: version.points, score: graded.score })),
  );
  const passed = passes(score, attempt.passingScore);
  await tx.responses.updateGrades(
    organisationId,
    id,
    responses.map(({ position, graded }) => ({ position, ...graded })),
  );
  const grade = { ...score, passed };
  const graded = await tx.attempts.updateGraded(organisationId, id, submitKey, new Date(), grade);
  return { graded, responses };
}

async function gradedResponses(tx: Store, { id, organisationId }: Attempt): Promise<ResponseWithGrade[]> {
  const responses = await tx.responses.selectManyOfAttempts(organisationId, [id]);
  const versionIds = responses.map(({ versionId }) => versionId);
  const found = await tx.answerKeys.selectMany(organisationId, versionIds);
  const keys = new Map(found.map((each) => [each.id, each.key]));
  return responses.map((response) => {
    const key = keys.get(response.versionId);
    if (!key) throw new Error(`The question version ${response.versionId} has no answer key`);
    return { ...response, graded: gradeResponse(response.version.points, key, response.answer) };
  });
}
