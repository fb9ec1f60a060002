import { countCourse, type Outline } from '../domain/count-course.ts';
import { noEvidence, type Evidence } from '../domain/evidence.ts';
import type { FoundEvidence } from '../domain/record-evidence.ts';
import { standingOf, type Tally } from '../domain/tally.ts';
import type { CourseProgress } from '../store/course-progress.ts';
import type { ItemProgress } from '../store/item-progress.ts';
import type { ModuleProgress } from '../store/module-progress.ts';
import { expectedEvidence } from './expected-evidence.ts';

/** Where what is kept is not what a rebuild from the statements comes to. */
export interface Difference {
  readonly organisationId: string;
  readonly learnerId: string;
  /** For people: what it is about, what is kept, what the rebuild says. */
  readonly text: string;
}

/** What is kept of some learners of an organisation. */
export interface KeptProgress {
  readonly items: readonly ItemProgress[];
  readonly modules: readonly ModuleProgress[];
  readonly courses: readonly CourseProgress[];
  /** By course id. */
  readonly outlines: ReadonlyMap<string, Outline>;
}

const facts = ['startedAt', 'completedAt', 'passedAt', 'failedAt'] as const;

/**
 * Compares what is kept with what all statements together say. When something happened to an item is not compared by
 * itself (expected-evidence.ts says why), but a course or module must be completed when its last required item was.
 */
export function differencesOf(kept: KeptProgress, told: readonly FoundEvidence[]): Difference[] {
  return [...itemDifferences(kept.items, told), ...countDifferences(kept, expectedOf(kept.items, told))];
}

/** By learner and item, what a rebuild comes to. */
function expectedOf(
  items: readonly ItemProgress[],
  told: readonly FoundEvidence[],
): Map<string, Map<string, Evidence>> {
  const keptByKey = new Map(items.map((item) => [keyOf(item), item]));
  const byLearner = new Map<string, Map<string, Evidence>>();
  for (const each of told) {
    const ofLearner = byLearner.get(each.learnerId) ?? new Map<string, Evidence>();
    const evidence = expectedEvidence(keptByKey.get(keyOf(each)) ?? noEvidence, each);
    byLearner.set(each.learnerId, ofLearner.set(each.itemId, evidence));
  }
  return byLearner;
}

function itemDifferences(items: readonly ItemProgress[], told: readonly FoundEvidence[]): Difference[] {
  const keptByKey = new Map(items.map((item) => [keyOf(item), item]));
  const toldByKey = new Map(told.map((each) => [keyOf(each), each]));
  const all = new Map([...items, ...told].map((each) => [keyOf(each), each]));
  return [...all].flatMap(([key, { organisationId, learnerId, itemId }]) => {
    const [is, should] = [factsOf(keptByKey.get(key)), factsOf(toldByKey.get(key))];
    if (is === should) return [];
    return [
      { organisationId, learnerId, text: `${learnerId} ${itemId}: ${is}; the statements say ${should}` },
    ];
  });
}

function countDifferences(
  kept: KeptProgress,
  byLearner: ReadonlyMap<string, ReadonlyMap<string, Evidence>>,
): Difference[] {
  return kept.courses.flatMap((course) => {
    const outline = kept.outlines.get(course.courseId);
    if (!outline) return [];
    const count = countCourse(outline, byLearner.get(course.learnerId) ?? new Map<string, Evidence>());
    const modules = kept.modules.filter(
      ({ courseId, learnerId }) => courseId === course.courseId && learnerId === course.learnerId,
    );
    const ofModules = [...count.modules].flatMap(([moduleId, tally]) =>
      countDifference(
        course,
        moduleId,
        modules.find((module) => module.moduleId === moduleId),
        tally,
      ),
    );
    return [...countDifference(course, course.courseId, course, count.course), ...ofModules];
  });
}

function countDifference(
  { organisationId, learnerId }: CourseProgress,
  id: string,
  row: (Tally & { readonly status: string; readonly percent: number }) | undefined,
  tally: Tally,
): Difference[] {
  const is = row ? shown(row, row) : 'nothing';
  const should = shown(tally, standingOf(tally));
  if (is === should) return [];
  return [{ organisationId, learnerId, text: `${learnerId} ${id}: ${is}; a rebuild says ${should}` }];
}

function shown(tally: Tally, { status, percent }: { status: string; percent: number }): string {
  const count = `${status} ${percent} % (${tally.completedItems} of ${tally.requiredItems})`;
  return tally.completedAt ? `${count} since ${tally.completedAt.toISOString()}` : count;
}

function factsOf(evidence: Evidence | undefined): string {
  const known = facts.filter((fact) => evidence?.[fact]);
  return known.length === 0 ? 'nothing' : known.map((fact) => fact.replace('At', '')).join(', ');
}

export function keyOf({ learnerId, itemId }: { learnerId: string; itemId: string }): string {
  return `${learnerId} ${itemId}`;
}
