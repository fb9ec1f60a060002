import type { EventHandlers } from '@lyceum/events';
import { noEvidence } from '../domain/evidence.ts';
import type { EvidenceRecorder } from '../domain/record-evidence.ts';

/**
 * A passed attempt completes the quiz item through which it was taken. Assessment says the same in a statement
 * (`passed` on the item); whichever comes first counts, the other changes nothing.
 */
export function onAttemptGraded({ recorder }: { recorder: EvidenceRecorder }): EventHandlers {
  return {
    'attempt.graded': async ({ organisation, time, data }) => {
      const { passed, itemId, learnerId, gradedAt } = data.attempt;
      if (passed !== true || itemId === null) return;
      const passedAt = new Date(gradedAt ?? time);
      await recorder.record([{ ...noEvidence, passedAt, organisationId: organisation, learnerId, itemId }]);
    },
  };
}
