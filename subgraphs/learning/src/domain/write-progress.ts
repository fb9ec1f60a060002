import type { LearningEvents } from '../events/learning-events.ts';
import type { CourseProgress } from '../store/course-progress.ts';
import type { ItemProgress } from '../store/item-progress.ts';
import type { ModuleProgress } from '../store/module-progress.ts';
import type { Store } from '../store/store.ts';
import { looksAlike, type StandingChange } from './standing.ts';

export interface ProgressChanges {
  /** The items by which it changed, where they are to be written too. */
  readonly items?: readonly ItemProgress[];
  readonly courses: readonly StandingChange<CourseProgress>[];
  readonly modules: readonly StandingChange<ModuleProgress>[];
}

/** Writes what changed of locked learners' progress, completes enrolments, and tells of it, in one transaction. */
export async function writeProgress(
  tx: Store,
  events: LearningEvents,
  { items = [], courses, modules }: ProgressChanges,
): Promise<void> {
  const rows = courses.map(numbered);
  await tx.progress.upsert({ items, modules: written(modules), courses: written(rows) });
  await events.progressMoved(tx, {
    changed: rows.filter(isVisible).map(({ after }) => after),
    completedModules: modules.filter(isCompletion).map(({ after }) => after),
  });
  await completeEnrolments(
    tx,
    events,
    rows.map(({ after }) => after),
  );
}

/** Each change that a client can see has a revision of its own. */
function numbered(change: StandingChange<CourseProgress>): StandingChange<CourseProgress> {
  const { before, after } = change;
  if (before === null || !isVisible(change)) return change;
  return { before, after: { ...after, revision: before.revision + 1 } };
}

function written<Row>(changes: readonly StandingChange<Row>[]): Row[] {
  return changes.filter(({ before, after }) => before !== after).map(({ after }) => after);
}

function isVisible({ before, after }: StandingChange<CourseProgress>): boolean {
  return before === null || !looksAlike(before, after);
}

function isCompletion({ before, after }: StandingChange<ModuleProgress>): boolean {
  return after.status === 'COMPLETED' && before?.status !== 'COMPLETED';
}

/** An enrolment is completed once: what the course gains afterwards does not take that back. */
async function completeEnrolments(
  tx: Store,
  events: LearningEvents,
  progress: readonly CourseProgress[],
): Promise<void> {
  const complete = progress.flatMap((row) =>
    row.completedAt ? [{ ...row, completedAt: row.completedAt }] : [],
  );
  if (complete.length === 0) return;
  const keys = complete.map(({ organisationId, courseId, learnerId, completedAt }) => {
    return { organisationId, courseId, learnerId, completedAt };
  });
  const enrolments = await tx.enrolments.updateCompleted(keys, new Date());
  if (enrolments.length === 0) return;
  const completions = enrolments.flatMap((enrolment) => {
    const of = complete.find(
      (row) => row.courseId === enrolment.courseId && row.learnerId === enrolment.learnerId,
    );
    return of ? [{ enrolment, progress: of }] : [];
  });
  await events.coursesCompleted(tx, completions);
}
