import type { DomainEventOf, EventHandlers } from '@lyceum/events';
import type { Database } from '../store/store.ts';

type EnrolmentChanged = DomainEventOf<'enrolment.created' | 'enrolment.withdrawn'>;

/** Keeps who is enrolled where. An older or known revision changes nothing. */
export function onEnrolmentChanged({ store }: { store: Database }): EventHandlers {
  const keep = async ({ organisation, data }: EnrolmentChanged): Promise<void> => {
    const { id, courseId, learnerId, status, revision } = data.enrolment;
    await store.enrolments.upsert({
      id,
      organisationId: organisation,
      courseId,
      learnerId,
      status,
      revision,
    });
  };
  return { 'enrolment.created': keep, 'enrolment.withdrawn': keep };
}
