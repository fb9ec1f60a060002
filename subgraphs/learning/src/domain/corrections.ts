import type { LearningEvents } from '../events/learning-events.ts';
import type { Database } from '../store/store.ts';
import { mergeByItem, recordEvidence } from './record-evidence.ts';
import { recount } from './recount.ts';

export type Corrections = ReturnType<typeof createCorrections>;

/**
 * Work that an event leaves behind for many learners, done in bounded pieces. What is left to do is read from the
 * tables each time: a crash between two pieces loses nothing, and several instances may work at once.
 */
export function createCorrections({
  store,
  events,
  batchSize = 200,
}: {
  store: Database;
  events: LearningEvents;
  /** Learners of one transaction. */
  batchSize?: number;
}) {
  /** Corrects some learners of a course whose structure has changed. @returns false when no course is left. */
  async function correctSome(): Promise<boolean> {
    const [course] = await store.courses.selectManyStale(1);
    if (!course) return false;
    const { id: courseId, organisationId, structureRevision } = course;
    await store.transaction(async (tx) => {
      const learnerIds = await tx.courseProgress.selectStaleLearners(
        organisationId,
        courseId,
        structureRevision,
        batchSize,
      );
      await tx.learners.lock(learnerIds.map((learnerId) => ({ organisationId, learnerId })));
      if (learnerIds.length > 0) await recount(tx, events, { organisationId, courseId, learnerIds });
      else await tx.courses.updateCorrected(organisationId, courseId, structureRevision);
    });
    return true;
  }

  /** Gives some evidence by mbox to the users who have since verified the address. @returns false when none is left. */
  async function adoptSome(): Promise<boolean> {
    return store.transaction(async (tx) => {
      const owned = await tx.mailboxes.deleteOwnedEvidence(batchSize);
      await recordEvidence(tx, events, mergeByItem(owned));
      return owned.length > 0;
    });
  }

  return {
    /** @returns whether there may be more to do. */
    async workSome(): Promise<boolean> {
      const corrected = await correctSome();
      const adopted = await adoptSome();
      return corrected || adopted;
    },
  };
}
