import type { LearningEvents } from '../events/learning-events.ts';
import type { CourseLearner, CourseLearnerKey } from '../store/course-progress.ts';
import type { ItemKey, ItemProgress } from '../store/item-progress.ts';
import type { ModuleProgress } from '../store/module-progress.ts';
import type { Store } from '../store/store.ts';
import { doneAt, type Evidence } from './evidence.ts';
import { withTally, type Standing, type StandingChange } from './standing.ts';
import { moveTally, type EvidenceChange, type Tally } from './tally.ts';
import { writeProgress } from './write-progress.ts';

/** What changed of a learner and an item. */
export interface ItemChange {
  readonly before: Evidence;
  readonly after: ItemProgress;
}

interface Move extends EvidenceChange, CourseLearnerKey {
  readonly moduleId: string;
}

/**
 * Carries changes of items up to their modules and courses, by the difference that each makes. Where an item is not
 * known yet, a learner was never enrolled, or a course waits for its correction, nothing is carried: the evidence is
 * kept, and counted when the item, the enrolment or the correction comes (recount.ts). The learners must be locked.
 */
export async function moveProgress(
  tx: Store,
  events: LearningEvents,
  changes: readonly ItemChange[],
): Promise<void> {
  const moves = await movesOf(tx, changes);
  if (moves.length === 0) return;
  const courses = await tx.courseProgress.selectCurrent(distinct(moves, courseKey).map(courseLearner));
  if (courses.length === 0) return;
  const modules = await tx.moduleProgress.selectOfCourses(courses.map(courseLearner));
  const now = new Date();
  const byCourse = groupBy(moves, courseKey);
  const byModule = groupBy(moves, moduleKey);
  await writeProgress(tx, events, {
    courses: changed(courses, (row) => byCourse.get(courseKey(row)), now),
    modules: changed<ModuleProgress>(modules, (row) => byModule.get(moduleKey(row)), now),
  });
}

/**
 * In the order in which items were completed, so that the last one gives a course its `completedAt`. A key of one
 * organisation may name an item of another: that is nobody's progress.
 */
async function movesOf(tx: Store, changes: readonly ItemChange[]): Promise<Move[]> {
  const keys = distinct(
    changes.map(({ after: { organisationId, itemId } }) => ({ organisationId, itemId })),
    itemKey,
  );
  const known = new Map(
    (await tx.courses.selectItems(keys)).map((item) => [itemKey({ ...item, itemId: item.id }), item]),
  );
  const moves = changes.flatMap(({ before, after }): Move[] => {
    const item = known.get(itemKey(after));
    if (!item) return [];
    const { organisationId, courseId, moduleId } = item;
    return [{ item, before, after, organisationId, learnerId: after.learnerId, courseId, moduleId }];
  });
  const time = ({ item, after }: Move) => doneAt(item.type, after)?.getTime() ?? 0;
  return moves.sort((a, b) => time(a) - time(b));
}

function changed<Row extends Standing>(
  rows: readonly Row[],
  movesOfRow: (row: Row) => readonly Move[] | undefined,
  now: Date,
): StandingChange<Row>[] {
  return rows.flatMap((before) => {
    const moves = movesOfRow(before);
    if (!moves) return [];
    return [{ before, after: withTally(before, moves.reduce<Tally>(moveTally, before), now) }];
  });
}

function courseLearner({ organisationId, courseId, learnerId }: CourseLearnerKey): CourseLearnerKey {
  return { organisationId, courseId, learnerId };
}

function itemKey({ organisationId, itemId }: Omit<ItemKey, 'learnerId'>): string {
  return `${organisationId} ${itemId}`;
}

function courseKey({ courseId, learnerId }: CourseLearner): string {
  return `${courseId} ${learnerId}`;
}

function moduleKey({ moduleId, learnerId }: { moduleId: string; learnerId: string }): string {
  return `${moduleId} ${learnerId}`;
}

/** One row for each key. */
function distinct<Row>(rows: readonly Row[], keyOf: (row: Row) => string): Row[] {
  return [...new Map(rows.map((row) => [keyOf(row), row])).values()];
}

function groupBy<Row>(rows: readonly Row[], keyOf: (row: Row) => string): Map<string, Row[]> {
  const groups = new Map<string, Row[]>();
  for (const row of rows) {
    const group = groups.get(keyOf(row));
    if (group) group.push(row);
    else groups.set(keyOf(row), [row]);
  }
  return groups;
}
