import { newId } from '@lyceum/service';
import type { LearningEvents } from '../events/learning-events.ts';
import type { ItemKey, KnownItem } from '../store/item-progress.ts';
import type { Database, Store } from '../store/store.ts';
import { mergeEvidence, noEvidence, sameEvidence, type Evidence } from './evidence.ts';
import { moveProgress, type ItemChange } from './move-progress.ts';
import { writeProgress } from './write-progress.ts';

/** What was learnt of a learner and an item. */
export interface FoundEvidence extends ItemKey, Evidence {}

export type EvidenceRecorder = ReturnType<typeof createEvidenceRecorder>;

/** Learners and items of one transaction: bounds how long others wait for its locks. */
const largestTransaction = 2_000;

/**
 * Takes what was learnt of learners, in whatever order and however often, and moves their progress by it. The queries
 * of a transaction are as many for one piece of evidence as for two thousand.
 */
export function createEvidenceRecorder({ store, events }: { store: Database; events: LearningEvents }) {
  return {
    async record(found: readonly FoundEvidence[]): Promise<void> {
      const merged = mergeByItem(found);
      for (let from = 0; from < merged.length; from += largestTransaction) {
        const part = merged.slice(from, from + largestTransaction);
        await store.transaction((tx) => recordEvidence(tx, events, part));
      }
    },
  };
}

/** As above, within a transaction that changes something else too; at most one entry for a learner and an item. */
export async function recordEvidence(
  tx: Store,
  events: LearningEvents,
  found: readonly FoundEvidence[],
): Promise<void> {
  if (found.length === 0) return;
  await tx.learners.lock(found.map(({ organisationId, learnerId }) => ({ organisationId, learnerId })));
  const changes = changesOf(found, await tx.itemProgress.selectManyKnown(found.map(keyOf)), new Date());
  if (changes.length === 0) return;
  const moved = await moveProgress(tx, changes);
  await writeProgress(tx, events, { items: changes.map(({ after }) => after), ...moved });
}

/** One entry for each learner and item, in the order of learners. */
export function mergeByItem(found: readonly FoundEvidence[]): FoundEvidence[] {
  const merged = new Map<string, FoundEvidence>();
  for (const each of found) {
    const key = textOf(each);
    const known = merged.get(key);
    merged.set(key, known ? { ...known, ...mergeEvidence(known, each) } : each);
  }
  return [...merged].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, each]) => each);
}

function changesOf(found: readonly FoundEvidence[], rows: readonly KnownItem[], now: Date): ItemChange[] {
  const foundOf = new Map(found.map((each) => [textOf(each), each]));
  return rows.flatMap((before) => {
    const evidence = mergeEvidence(before, foundOf.get(textOf(before)) ?? noEvidence);
    if (sameEvidence(before, evidence)) return [];
    const id = before.id ?? newId('item_progress');
    return [{ before, after: { id, ...keyOf(before), ...evidence, updatedAt: now } }];
  });
}

function keyOf({ organisationId, learnerId, itemId }: ItemKey): ItemKey {
  return { organisationId, learnerId, itemId };
}

function textOf({ organisationId, learnerId, itemId }: ItemKey): string {
  return `${organisationId} ${learnerId} ${itemId}`;
}
