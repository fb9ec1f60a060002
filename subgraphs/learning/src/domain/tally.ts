import { begunAt, doneAt, earliest, latestOf, type ContentItemType, type Evidence } from './evidence.ts';

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
  const count = {
    completedItems: done.length,
    requiredItems: required.length,
    startedAt: items.reduce<Date | null>((first, { evidence }) => earliest(first, begunAt(evidence)), null),
  };
  return { ...count, completedAt: isComplete(count) ? latestOf(done) : null };
}

/** A learner's evidence for one item, before and after something was learnt of it. */
export interface EvidenceChange {
  readonly item: CountedItem;
  readonly before: Evidence;
  readonly after: Evidence;
}

/** What can be told of a tally without looking at every item of it. */
export type TallyCount = Omit<Tally, 'completedAt'>;

/** Moves a count by what changed of one of its items. */
export function moveCount(from: TallyCount, { item, before, after }: EvidenceChange): TallyCount {
  const isNew = item.required && doneAt(item.type, before) === null && doneAt(item.type, after) !== null;
  return {
    completedItems: from.completedItems + (isNew ? 1 : 0),
    requiredItems: from.requiredItems,
    startedAt: earliest(from.startedAt, begunAt(after)),
  };
}

/** Can the change have moved the `completedAt` of whatever is complete after it? */
export function movesCompletion({ item, before, after }: EvidenceChange): boolean {
  return item.required && doneAt(item.type, before)?.getTime() !== doneAt(item.type, after)?.getTime();
}

/** Is nothing missing? Nothing required is never complete. */
export function isComplete({ completedItems, requiredItems }: TallyCount): boolean {
  return requiredItems > 0 && completedItems === requiredItems;
}
