import { newId } from '@lyceum/service';
import { begunAt, noEvidence, sameEvidence } from '../domain/evidence.ts';
import type { FoundEvidence } from '../domain/record-evidence.ts';
import { recount } from '../domain/recount.ts';
import type { LearningEvents } from '../events/learning-events.ts';
import type { Database, Store } from '../store/store.ts';
import { keyOf } from './differences.ts';
import { expectedEvidence } from './expected-evidence.ts';

/** Evidence that is younger may be of a statement that has not reached ClickHouse yet: it is never taken away. */
const settledAfterMs = 10 * 60 * 1000;

/**
 * Makes what is kept of some learners of an organisation what their statements say, and counts their courses anew, in
 * one transaction. What changes is published, as any change of progress is.
 */
export async function repair(
  store: Database,
  events: LearningEvents,
  {
    organisationId,
    learnerIds,
    told,
  }: { organisationId: string; learnerIds: readonly string[]; told: readonly FoundEvidence[] },
): Promise<void> {
  await store.transaction(async (tx) => {
    await tx.learners.lock(learnerIds.map((learnerId) => ({ organisationId, learnerId })));
    await repairItems(tx, organisationId, learnerIds, told);
    const progress = await tx.courseProgress.selectManyOfLearners(organisationId, learnerIds);
    for (const courseId of new Set(progress.map((row) => row.courseId))) {
      const ofCourse = progress.filter((row) => row.courseId === courseId).map(({ learnerId }) => learnerId);
      await recount(tx, events, { organisationId, courseId, learnerIds: ofCourse });
    }
  });
}

async function repairItems(
  tx: Store,
  organisationId: string,
  learnerIds: readonly string[],
  told: readonly FoundEvidence[],
): Promise<void> {
  const kept = new Map(
    (await tx.itemProgress.selectManyOfLearners(organisationId, learnerIds)).map((row) => [keyOf(row), row]),
  );
  const toldByKey = new Map(told.map((each) => [keyOf(each), each]));
  const now = new Date();
  const missing = told
    .filter((each) => !kept.has(keyOf(each)))
    .map((each) => ({ ...each, id: newId('item_progress'), updatedAt: now }));
  const judged = [...kept.values()].map((row) => {
    const mayBeTold = now.getTime() - row.updatedAt.getTime() <= settledAfterMs;
    return { row, evidence: expectedEvidence(row, toldByKey.get(keyOf(row)) ?? noEvidence, mayBeTold) };
  });
  const changed = judged.filter(({ row, evidence }) => !sameEvidence(row, evidence));
  const rows = changed.map(({ row, evidence }) => ({ ...row, ...evidence, updatedAt: now }));
  const written = [...missing, ...rows.filter((row) => begunAt(row) !== null)];
  await tx.progress.upsert({ items: written });
  const empty = rows.flatMap((row) => (begunAt(row) === null ? row.id : []));
  if (empty.length > 0) await tx.itemProgress.delete(organisationId, empty);
}
