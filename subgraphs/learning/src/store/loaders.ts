import { loaderById, type Page } from '@lyceum/graphql';
import type { Viewer } from '@lyceum/service';
import type { CourseLearner, CourseProgress, ProgressFilter } from './course-progress.ts';
import { byParent, loaderByArguments, loaderOfMany } from './load-related.ts';
import type { ModuleLearner } from './item-progress.ts';
import type { Enrolment } from './enrolments.ts';
import type { Store } from './store.ts';

export type Loaders = ReturnType<typeof createLoaders>;

/** Undefined: all courses. */
type CourseIds = readonly string[] | undefined;

/** Look-ups by key of one request: each level of an answer costs one query, however many parents it has. */
export function createLoaders(store: Store, viewer: Viewer | null) {
  // Nobody's organisation has this id: a visitor finds nothing.
  const { organisationId, userId } = viewer ?? { organisationId: '', userId: '' };
  /** Of the same groups, which are the viewer's grants, for all learners of a level in one query. */
  const groupsOfLearner = loaderByArguments(
    async (learnerIds, { groupIds }: { groupIds: readonly string[] }) => {
      const found = await store.groupMembers.selectManyOfUsers(organisationId, learnerIds, groupIds);
      return byParent<{ userId: string; groupId: string }>(found, (member) => member.userId);
    },
    [],
  );
  return {
    groupsOf: async (parentId: string, groupIds: readonly string[]): Promise<readonly string[]> => {
      const found = await groupsOfLearner.load({ parentId, args: { groupIds } });
      return found.map(({ groupId }) => groupId);
    },

    enrolment: loaderById((ids) => store.enrolments.selectMany(organisationId, ids)),
    courseProgress: loaderById((ids) => store.courseProgress.selectManyById(organisationId, ids)),
    moduleProgress: loaderById((ids) => store.moduleProgress.selectManyById(organisationId, ids)),
    itemProgress: loaderById((ids) => store.itemProgress.selectManyById(organisationId, ids)),

    /** A learner's progress through a course: one or none. */
    progressOf: loaderOfMany({
      select: (keys: readonly CourseLearner[]) => store.courseProgress.selectMany(organisationId, keys),
      textOfKey: courseLearner,
      textOfRow: courseLearner,
    }),

    /** The viewer's enrolment in a course that was not withdrawn: one or none. */
    openEnrolment: loaderOfMany({
      select: (courseIds: readonly string[]) =>
        store.enrolments.selectOpen(organisationId, userId, courseIds),
      textOfKey: (courseId) => courseId,
      textOfRow: ({ courseId }) => courseId,
    }),

    modulesOf: loaderOfMany({
      select: (keys: readonly CourseLearner[]) => store.moduleProgress.selectMany(organisationId, keys),
      textOfKey: courseLearner,
      textOfRow: courseLearner,
    }),

    itemsOf: loaderOfMany({
      select: (keys: readonly ModuleLearner[]) => store.itemProgress.selectOfModules(keys),
      textOfKey: moduleLearner,
      textOfRow: moduleLearner,
    }),

    /** A page of the progress of a course's learners; `parentId` is the course. */
    progressPage: loaderByArguments(
      async (courseIds, { filter, page }: { filter: ProgressFilter; page: Page }) =>
        byParent<CourseProgress>(
          await store.courseProgress.selectPages(organisationId, courseIds, filter, page),
          ({ courseId }) => courseId,
        ),
      [],
    ),

    progressCount: loaderByArguments(async (courseIds, filter: ProgressFilter) => {
      const counts = await store.courseProgress.counts(organisationId, courseIds, filter);
      return new Map(counts.map(({ courseId, count }) => [courseId, count]));
    }, 0),

    /** A page of a learner's enrolments, in some courses or in all; `parentId` is the learner. */
    enrolmentPage: loaderByArguments(
      async (learnerIds, { page, courseIds }: { page: Page; courseIds: CourseIds }) =>
        byParent<Enrolment>(
          await store.enrolments.selectPagesOfLearners(organisationId, learnerIds, page, courseIds),
          ({ learnerId }) => learnerId,
        ),
      [],
    ),

    enrolmentCount: loaderByArguments(async (learnerIds, { courseIds }: { courseIds: CourseIds }) => {
      const counts = await store.enrolments.countsOfLearners(organisationId, learnerIds, courseIds);
      return new Map(counts.map(({ learnerId, _count }) => [learnerId, _count]));
    }, 0),
  };
}

function courseLearner({ courseId, learnerId }: CourseLearner): string {
  return `${courseId} ${learnerId}`;
}

function moduleLearner({ moduleId, learnerId }: ModuleLearner): string {
  return `${moduleId} ${learnerId}`;
}
