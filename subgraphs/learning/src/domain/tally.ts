import { begunAt, doneAt, earliest, latest, type ContentItemType, type Evidence } from './evidence.ts';

/** How far a learner is in a module or a course: completed required items over required items. */
export interface Tally {
  readonly completedItems: number;
  readonly requiredItems: number;
  /** When the learner first did something with any item, required or not. */
  readonly startedAt: Date | null;
  /** When the last required item was completed; null while one is missing. */
  readonly completedAt: Date | null;
}

export type TallyStatus = 'NOT_STARTED' | 'STARTED' | 'COMPLETED';

/** What a tally counts. */
export interface CountedItem {
  readonly type: ContentItemType;
  readonly required: boolean;
}

/** What a client is shown of a tally. Nothing required: nothing to complete, 0 %. */
export function standingOf({ completedItems, requiredItems, startedAt }: Tally): {
  status: TallyStatus;
  percent: number;
} {
  const percent = requiredItems === 0 ? 0 : Math.floor((100 * completedItems) / requiredItems);
  if (percent === 100) return { status: 'COMPLETED', percent };
  return { status: startedAt ? 'STARTED' : 'NOT_STARTED', percent };
}

/** Counts anew: every item of a module or course, with what the learner has done. */
export function tally(items: readonly (CountedItem & { readonly evidence: Evidence })[]): Tally {
  const required = items.filter((item) => item.required);
  const done = required.flatMap(({ type, evidence }) => doneAt(type, evidence) ?? []);
  const complete = required.length > 0 && done.length === required.length;
  return {
    completedItems: done.length,
    requiredItems: required.length,
    startedAt: items.reduce<Date | null>((first, { evidence }) => earliest(first, begunAt(evidence)), null),
    completedAt: complete ? done.reduce<Date | null>(latest, null) : null,
  };
}

/** A learner's evidence for one item, before and after something was learnt of it. */
export interface EvidenceChange {
  readonly item: CountedItem;
  readonly before: Evidence;
  readonly after: Evidence;
}

/** Moves a tally by what changed of one of its items, without looking at the others. */
export function moveTally(from: Tally, { item, before, after }: EvidenceChange): Tally {
  const done = item.required && doneAt(item.type, before) === null ? doneAt(item.type, after) : null;
  const completedItems = from.completedItems + (done ? 1 : 0);
  const complete = from.requiredItems > 0 && completedItems === from.requiredItems;
  return {
    completedItems,
    requiredItems: from.requiredItems,
    startedAt: earliest(from.startedAt, begunAt(after)),
    completedAt: complete ? (from.completedAt ?? done) : null,
  };
}
