import { consumeDomainEvents, type Consumer, type DomainEventOf, type EventLog } from '@lyceum/events';
import type { Logger } from '@lyceum/service';
import { noEvidence } from '../domain/evidence.ts';
import type { EvidenceRecorder } from '../domain/record-evidence.ts';

/**
 * A passed attempt completes the quiz item through which it was taken. Assessment says the same in a statement
 * (`passed` on the item); whichever comes first counts, the other changes nothing.
 */
export function consumeAssessmentEvents(options: {
  log: EventLog;
  logger: Logger;
  recorder: EvidenceRecorder;
}): Promise<Consumer> {
  const { log, logger, recorder } = options;
  return consumeDomainEvents({
    log,
    logger,
    topics: ['assessment.events'],
    group: 'learning-assessment',
    handlers: { 'attempt.graded': (event) => recordPass(recorder, event) },
  });
}

async function recordPass(recorder: EvidenceRecorder, event: DomainEventOf<'attempt.graded'>): Promise<void> {
  const { passed, itemId, learnerId, gradedAt } = event.data.attempt;
  if (passed !== true || itemId === null) return;
  const passedAt = new Date(gradedAt ?? event.time);
  await recorder.record([{ ...noEvidence, passedAt, organisationId: event.organisation, learnerId, itemId }]);
}
