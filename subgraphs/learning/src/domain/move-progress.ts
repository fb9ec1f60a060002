import type { LearningEvents } from '../events/learning-events.ts';
import type { CourseLearner, CourseProgress } from '../store/course-progress.ts';
import type { ContentItem } from '../store/courses.ts';
import type { ItemProgress } from '../store/item-progress.ts';
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

interface Move extends EvidenceChange, CourseLearner {
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
  const items = await tx.courses.selectItems([...new Set(changes.map(({ after }) => after.itemId))]);
  const moves = movesOf(changes, items);
  if (moves.length === 0) return;
  const courses = await currentProgress(tx, moves);
  if (courses.length === 0) return;
  const modules = await tx.moduleProgress.selectMany(courses);
  const now = new Date();
  const byCourse = groupBy(moves, courseKey);
  const byModule = groupBy(moves, moduleKey);
  await writeProgress(tx, events, {
    courses: changed(courses, (row) => byCourse.get(courseKey(row)), now),
    modules: changed<ModuleProgress>(modules, (row) => byModule.get(moduleKey(row)), now),
  });
}

/** In the order in which items were completed, so that the last one gives a course its `completedAt`. */
function movesOf(changes: readonly ItemChange[], items: readonly ContentItem[]): Move[] {
  const known = new Map(items.map((item) => [item.id, item]));
  const moves = changes.flatMap(({ before, after }): Move[] => {
    const item = known.get(after.itemId);
    // A key of one organisation may name an item of another: that is nobody's progress.
    if (item?.organisationId !== after.organisationId) return [];
    return [
      { item, before, after, learnerId: after.learnerId, courseId: item.courseId, moduleId: item.moduleId },
    ];
  });
  const time = ({ item, after }: Move) => doneAt(item.type, after)?.getTime() ?? 0;
  return moves.sort((a, b) => time(a) - time(b));
}

/** The progress of those who were ever enrolled, unless it waits to be corrected. */
async function currentProgress(tx: Store, moves: readonly Move[]): Promise<CourseProgress[]> {
  const keys = new Map(moves.map((move) => [courseKey(move), move]));
  const rows = await tx.courseProgress.selectMany(
    [...keys.values()].map(({ courseId, learnerId }) => ({ courseId, learnerId })),
  );
  const courses = await tx.courses.selectMany([...new Set(rows.map(({ courseId }) => courseId))]);
  const structure = new Map(courses.map(({ id, structureRevision }) => [id, structureRevision]));
  return rows.filter(({ courseId, structureRevision }) => structure.get(courseId) === structureRevision);
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

function courseKey({ courseId, learnerId }: CourseLearner): string {
  return `${courseId} ${learnerId}`;
}

function moduleKey({ moduleId, learnerId }: { moduleId: string; learnerId: string }): string {
  return `${moduleId} ${learnerId}`;
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
