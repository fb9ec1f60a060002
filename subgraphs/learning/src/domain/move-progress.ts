import type { CourseLearner, CourseLearnerKey, CourseProgress } from '../store/course-progress.ts';
import type { ItemProgress, KnownItem, ModuleLearner, ShownItemProgress } from '../store/item-progress.ts';
import type { ModuleProgress } from '../store/module-progress.ts';
import type { Store } from '../store/store.ts';
import { doneAt, latestOf } from './evidence.ts';
import { withTally, type StandingChange } from './standing.ts';
import { isComplete, moveCount, movesCompletion, type EvidenceChange, type TallyCount } from './tally.ts';
import type { ProgressChanges } from './write-progress.ts';

/** What changed of a learner and an item. */
export interface ItemChange {
  readonly before: KnownItem;
  readonly after: ItemProgress;
}

interface Move extends EvidenceChange, CourseLearnerKey {
  readonly itemId: string;
  readonly moduleId: string;
}

const nothing: ProgressChanges = { courses: [], modules: [] };

/**
 * What changes of items mean for their modules and courses, by the difference that each makes. Where an item is not
 * known yet, a learner was never enrolled, or a course waits for its correction, they mean nothing: the evidence is
 * kept, and counted when the item, the enrolment or the correction comes (recount.ts). The learners must be locked.
 */
export async function moveProgress(tx: Store, changes: readonly ItemChange[]): Promise<ProgressChanges> {
  const moves = changes.flatMap(moveOf);
  if (moves.length === 0) return nothing;
  const courses = await tx.courseProgress.selectManyCurrent(distinct(moves, courseKey).map(courseLearner));
  if (courses.length === 0) return nothing;
  const modules = await tx.moduleProgress.selectManyOfCourses(courses.map(courseLearner));
  const now = new Date();
  const moved = await movedModules(tx, countModules(modules, groupBy(moves, moduleKey)), now);
  return {
    courses: movedCourses(
      courses,
      groupBy(moves, courseKey),
      groupBy(afterAll(modules, moved), courseKey),
      now,
    ),
    modules: moved,
  };
}

function moveOf({ before, after }: ItemChange): Move[] {
  if (before.courseId === null) return [];
  const { organisationId, learnerId, itemId, courseId, moduleId } = before;
  return [{ item: before, before, after, organisationId, learnerId, itemId, courseId, moduleId }];
}

interface ModuleCount {
  readonly before: ModuleProgress;
  readonly moves: readonly Move[];
  readonly count: TallyCount;
  /** Is the module complete, and may it be so since another instant than before? */
  readonly isCompletion: boolean;
}

/** The modules that are moved, as their own moves say. */
function countModules(
  modules: readonly ModuleProgress[],
  byModule: ReadonlyMap<string, readonly Move[]>,
): ModuleCount[] {
  return modules.flatMap((before) => {
    const moves = byModule.get(moduleKey(before));
    if (!moves) return [];
    const count = moves.reduce<TallyCount>(moveCount, before);
    return [{ before, moves, count, isCompletion: isComplete(count) && moves.some(movesCompletion) }];
  });
}

/** Statements come in any order: which item of a module was completed last, only all of its items can tell. */
async function movedModules(
  tx: Store,
  counts: readonly ModuleCount[],
  now: Date,
): Promise<StandingChange<ModuleProgress>[]> {
  const completed = counts.flatMap(({ before, isCompletion }) => (isCompletion ? moduleLearner(before) : []));
  const items = completed.length === 0 ? [] : await tx.itemProgress.selectManyOfModules(completed);
  const byModule = groupBy(items, moduleKey);
  return counts.map(({ before, moves, count, isCompletion }) => {
    const known = byModule.get(moduleKey(before)) ?? [];
    const completedAt = isCompletion ? completedLast(known, moves) : before.completedAt;
    return { before, after: withTally(before, { ...count, completedAt }, now) };
  });
}

/** Of a module's items, as they were and as they are moved. */
function completedLast(known: readonly ShownItemProgress[], moves: readonly Move[]): Date | null {
  const moved = new Set(moves.map(({ itemId }) => itemId));
  const unmoved = known.filter(({ itemId, required }) => required && !moved.has(itemId));
  return latestOf([
    ...unmoved.map((item) => doneAt(item.type, item)),
    ...moves.flatMap(({ item, after }) => (item.required ? doneAt(item.type, after) : [])),
  ]);
}

function afterAll(
  modules: readonly ModuleProgress[],
  moved: readonly StandingChange<ModuleProgress>[],
): ModuleProgress[] {
  const after = new Map(moved.map((change) => [moduleKey(change.after), change.after]));
  return modules.map((module) => after.get(moduleKey(module)) ?? module);
}

/** A course is complete since its last module is. */
function movedCourses(
  courses: readonly CourseProgress[],
  byCourse: ReadonlyMap<string, readonly Move[]>,
  modulesOf: ReadonlyMap<string, readonly ModuleProgress[]>,
  now: Date,
): StandingChange<CourseProgress>[] {
  return courses.map((before) => {
    const key = courseKey(before);
    const count = (byCourse.get(key) ?? []).reduce<TallyCount>(moveCount, before);
    const modules = (modulesOf.get(key) ?? []).map(({ completedAt }) => completedAt);
    const completedAt = isComplete(count) ? latestOf(modules) : null;
    return { before, after: withTally(before, { ...count, completedAt }, now) };
  });
}

function moduleLearner({ organisationId, moduleId, learnerId }: ModuleLearner): ModuleLearner {
  return { organisationId, moduleId, learnerId };
}

function courseLearner({ organisationId, courseId, learnerId }: CourseLearnerKey): CourseLearnerKey {
  return { organisationId, courseId, learnerId };
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
