import { earliest, type Evidence } from '../domain/evidence.ts';

/**
 * What of an item a rebuild comes to, from what is kept of it and what all statements say. What both know happened at
 * the earlier instant: a pass is told twice, by assessment's event and by its statement. What only the statements say
 * is added; what only is kept goes, unless it `mayBeTold` yet, since its statement is on its way.
 */
export function expectedEvidence(kept: Evidence, told: Evidence, mayBeTold = false): Evidence {
  const fact = (is: Date | null, said: Date | null) => (said ? earliest(is, said) : mayBeTold ? is : null);
  return {
    startedAt: fact(kept.startedAt, told.startedAt),
    completedAt: fact(kept.completedAt, told.completedAt),
    passedAt: fact(kept.passedAt, told.passedAt),
    failedAt: fact(kept.failedAt, told.failedAt),
  };
}
