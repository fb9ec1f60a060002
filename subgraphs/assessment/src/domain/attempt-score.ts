import type { Attempt } from '../store/attempts.ts';
import type { AttemptScore } from './scoring.ts';

/** What an attempt scored; null until it is graded. */
export function attemptScore({ rawScore, maxScore, scaledScore }: Attempt): AttemptScore | null {
  if (rawScore === null || maxScore === null || scaledScore === null) return null;
  return { raw: rawScore, max: maxScore, scaled: scaledScore };
}
