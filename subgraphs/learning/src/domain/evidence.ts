/**
 * What is known of a learner and an item: when each was first heard to have happened. Merging takes the earliest of
 * each, so that the same evidence again, or in another order, changes nothing.
 */
export interface Evidence {
  readonly startedAt: Date | null;
  readonly completedAt: Date | null;
  readonly passedAt: Date | null;
  readonly failedAt: Date | null;
}

export type ContentItemType = 'PAGE' | 'VIDEO' | 'DOCUMENT' | 'QUIZ' | 'EXTERNAL';

export type ItemStatus = 'NOT_STARTED' | 'STARTED' | 'FAILED' | 'COMPLETED' | 'PASSED';

export const noEvidence: Evidence = { startedAt: null, completedAt: null, passedAt: null, failedAt: null };

export function mergeEvidence(one: Evidence, other: Evidence): Evidence {
  return {
    startedAt: earliest(one.startedAt, other.startedAt),
    completedAt: earliest(one.completedAt, other.completedAt),
    passedAt: earliest(one.passedAt, other.passedAt),
    failedAt: earliest(one.failedAt, other.failedAt),
  };
}

export function sameEvidence(one: Evidence, other: Evidence): boolean {
  return (
    sameInstant(one.startedAt, other.startedAt) &&
    sameInstant(one.completedAt, other.completedAt) &&
    sameInstant(one.passedAt, other.passedAt) &&
    sameInstant(one.failedAt, other.failedAt)
  );
}

/** When the learner first did anything with the item; null for no evidence. */
export function begunAt({ startedAt, completedAt, passedAt, failedAt }: Evidence): Date | null {
  return earliest(earliest(startedAt, completedAt), earliest(passedAt, failedAt));
}

/** When the item came to count as completed: a quiz by being passed, anything else by being completed or passed. */
export function doneAt(type: ContentItemType, { completedAt, passedAt }: Evidence): Date | null {
  return type === 'QUIZ' ? passedAt : earliest(completedAt, passedAt);
}

/** The best that was reached: a failure after a pass takes nothing away. */
export function itemStatus(type: ContentItemType, evidence: Evidence): ItemStatus {
  if (evidence.passedAt) return 'PASSED';
  if (doneAt(type, evidence)) return 'COMPLETED';
  if (evidence.failedAt) return 'FAILED';
  return begunAt(evidence) ? 'STARTED' : 'NOT_STARTED';
}

export function earliest(one: Date | null, other: Date | null): Date | null {
  if (one === null || other === null) return one ?? other;
  return one <= other ? one : other;
}

export function latestOf(instants: readonly (Date | null)[]): Date | null {
  return instants.reduce(
    (one, other) => (one === null || (other !== null && other > one) ? other : one),
    null,
  );
}

function sameInstant(one: Date | null, other: Date | null): boolean {
  return one?.getTime() === other?.getTime();
}
