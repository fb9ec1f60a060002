import { conflict, newId } from '@lyceum/service';
import type { Attempt, Standing } from '../store/attempts.ts';
import type { Store } from '../store/store.ts';
import { attemptInProgress, attemptLimitReached, notAvailable } from './errors.ts';
import type { QuizPlace } from './quiz-places.ts';

interface Beginning {
  readonly learnerId: string;
  readonly startKey: string;
  readonly place: QuizPlace;
}

/** How often a start is tried that meets another one of the same learner. */
const tries = 3;

/**
 * Begins an attempt within a transaction, or answers the one that this key began.
 *
 * Nothing is counted and then trusted: the row itself is refused by unique indexes (key, number, one open attempt)
 * where another tab was quicker, and then what that one did is looked at.
 *
 * @throws ATTEMPT_IN_PROGRESS, ATTEMPT_LIMIT_REACHED, NOT_AVAILABLE, CONFLICT
 */
export async function beginAttempt(
  tx: Store,
  beginning: Beginning,
): Promise<{ attempt: Attempt; began: boolean }> {
  const { learnerId, startKey, place } = beginning;
  const { id: assessmentId, organisationId } = place.assessment;
  // The questions, and how many attempts there may be, stay as they are until the attempt has pinned them.
  await tx.assessments.lockShared(organisationId, assessmentId);
  for (let attempted = 0; attempted < tries; attempted += 1) {
    // In this order: an attempt that the standing counts and that this key began is then found by its key.
    const standing = await tx.attempts.selectStanding(organisationId, assessmentId, learnerId);
    const before = await tx.attempts.selectOptionalByStartKey(organisationId, learnerId, startKey);
    if (before) return { attempt: replayed(before, assessmentId), began: false };
    const attempt = await insertNext(tx, beginning, standing);
    if (attempt) return { attempt: await pinQuestions(tx, attempt), began: true };
  }
  throw conflict('Another attempt began and ended at this moment: try again.');
}

/** The attempt that a key began, when the key comes again. @throws CONFLICT where it was for something else */
export function replayed(attempt: Attempt, assessmentId: string): Attempt {
  if (attempt.assessmentId === assessmentId) return attempt;
  throw conflict('This idempotency key began an attempt at another assessment.');
}

async function insertNext(
  tx: Store,
  { learnerId, startKey, place }: Beginning,
  { begun, open }: Standing,
): Promise<Attempt | null> {
  const { organisationId, id } = place.assessment;
  const assessment = (await tx.assessments.selectOptional(organisationId, id)) ?? place.assessment;
  if (open !== null) throw attemptInProgress(open);
  const { maxAttempts, passingScore, courseId } = assessment;
  if (maxAttempts !== null && begun >= maxAttempts) throw attemptLimitReached(maxAttempts);
  return tx.attempts.insertOptional({
    id: newId('attempt'),
    organisationId,
    assessmentId: id,
    courseId,
    itemId: place.item.id,
    learnerId,
    number: begun + 1,
    passingScore,
    startKey,
    startedAt: new Date(),
  });
}

async function pinQuestions(tx: Store, attempt: Attempt): Promise<Attempt> {
  const pinned = await tx.responses.insertPinned(attempt);
  if (pinned === 0) throw notAvailable('The assessment has no question yet.');
  return attempt;
}
