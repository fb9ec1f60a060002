import { newId } from '@lyceum/service';
import type { LearningEvents } from '../events/learning-events.ts';
import type { CourseProgress } from '../store/course-progress.ts';
import type { ModuleProgress } from '../store/module-progress.ts';
import type { Store } from '../store/store.ts';
import { countCourse, type CourseCount } from './count-course.ts';
import type { Evidence } from './evidence.ts';
import { withTally, type StandingChange } from './standing.ts';
import { standingOf, type Tally } from './tally.ts';
import { writeProgress } from './write-progress.ts';

interface CourseLearners {
  readonly organisationId: string;
  readonly courseId: string;
  readonly learnerIds: readonly string[];
}

/**
 * Counts the progress of some learners through a course anew, from what is known of its items: when a learner enrols,
 * and when the course has changed. The learners must be locked; the course's structure is held until the transaction
 * ends, so that a learner who enrols while the course changes is counted by one structure or corrected by the next.
 */
export async function recount(tx: Store, events: LearningEvents, which: CourseLearners): Promise<void> {
  const { organisationId, courseId, learnerIds } = which;
  await tx.courses.lockShared(organisationId, courseId);
  const course = await tx.courses.selectOptional(organisationId, courseId);
  if (!course) return;
  const outline = await tx.courses.selectOutline(organisationId, courseId);
  const evidence = await evidenceByLearner(tx, which);
  const known = await knownProgress(tx, which);
  const counts = learnerIds.map((learnerId) => ({
    key: { organisationId, courseId, learnerId },
    count: countCourse(outline, evidence.get(learnerId) ?? new Map<string, Evidence>()),
  }));
  await tx.moduleProgress.deleteOrphans(organisationId, courseId, learnerIds);
  const now = new Date();
  await writeProgress(tx, events, {
    courses: counts.map(({ key, count }) =>
      courseChange(known.courses.get(key.learnerId), key, count.course, course.structureRevision, now),
    ),
    modules: counts.flatMap(({ key, count }) => moduleChanges(known.modules, key, count, now)),
  });
}

async function evidenceByLearner(
  tx: Store,
  { organisationId, courseId, learnerIds }: CourseLearners,
): Promise<Map<string, Map<string, Evidence>>> {
  const byLearner = new Map<string, Map<string, Evidence>>();
  for (const row of await tx.itemProgress.selectManyOfCourse(organisationId, courseId, learnerIds)) {
    const ofLearner = byLearner.get(row.learnerId) ?? new Map<string, Evidence>();
    byLearner.set(row.learnerId, ofLearner.set(row.itemId, row));
  }
  return byLearner;
}

async function knownProgress(tx: Store, { organisationId, courseId, learnerIds }: CourseLearners) {
  const keys = learnerIds.map((learnerId) => ({ courseId, learnerId }));
  const courses = await tx.courseProgress.selectManyOf(organisationId, keys);
  const modules = await tx.moduleProgress.selectManyOf(organisationId, keys);
  return {
    courses: new Map(courses.map((row) => [row.learnerId, row])),
    modules: new Map(modules.map((row) => [moduleKey(row), row])),
  };
}

interface Key {
  readonly organisationId: string;
  readonly courseId: string;
  readonly learnerId: string;
}

function courseChange(
  before: CourseProgress | undefined,
  key: Key,
  tally: Tally,
  structureRevision: number,
  now: Date,
): StandingChange<CourseProgress> {
  if (before) {
    const after = withTally(before, tally, now);
    const current = after.structureRevision === structureRevision;
    return { before, after: current ? after : { ...after, structureRevision } };
  }
  const id = newId('progress');
  const after = {
    id,
    ...key,
    ...tally,
    ...standingOf(tally),
    revision: 1,
    structureRevision,
    updatedAt: now,
  };
  return { before: null, after };
}

function moduleChanges(
  known: ReadonlyMap<string, ModuleProgress>,
  key: Key,
  { modules }: CourseCount,
  now: Date,
): StandingChange<ModuleProgress>[] {
  return [...modules].map(([moduleId, tally]) => {
    const before = known.get(moduleKey({ ...key, moduleId }));
    if (before) return { before, after: withTally(before, tally, now) };
    const id = newId('module_progress');
    return { before: null, after: { id, ...key, moduleId, ...tally, ...standingOf(tally), updatedAt: now } };
  });
}

function moduleKey({ learnerId, moduleId }: { learnerId: string; moduleId: string }): string {
  return `${learnerId} ${moduleId}`;
}
