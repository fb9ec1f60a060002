import {
  byParent,
  loaderByArguments,
  loaderById,
  loaderOfMany,
  type Page,
  type RequestContext,
} from '@lyceum/graphql';
import type { CourseLearner, CourseProgress, ProgressFilter } from './store/course-progress.ts';
import type { ModuleLearner } from './store/item-progress.ts';
import type { Enrolment } from './store/enrolments.ts';
import type { Store } from './store/store.ts';

export type Loaders = ReturnType<typeof createLoaders>;

/** Undefined: all courses. */
type CourseIds = readonly string[] | undefined;

/** Look-ups by key of one request: each level of an answer costs one query, however many parents it has. */
export function createLoaders(store: Store, { viewer }: RequestContext) {
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
    courseProgress: loaderById((ids) => store.courseProgress.selectMany(organisationId, ids)),
    moduleProgress: loaderById((ids) => store.moduleProgress.selectMany(organisationId, ids)),
    itemProgress: loaderById((ids) => store.itemProgress.selectMany(organisationId, ids)),

    /** A learner's progress through a course: one or none. */
    progressOf: loaderOfMany(
      (keys: readonly CourseLearner[]) => store.courseProgress.selectManyOf(organisationId, keys),
      courseLearner,
      courseLearner,
    ),

    /** The viewer's enrolment in a course that was not withdrawn: one or none. */
    openEnrolment: loaderOfMany(
      (courseIds: readonly string[]) => store.enrolments.selectManyOpen(organisationId, userId, courseIds),
      ({ courseId }) => courseId,
    ),

    modulesOf: loaderOfMany(
      (keys: readonly CourseLearner[]) => store.moduleProgress.selectManyOf(organisationId, keys),
      courseLearner,
      courseLearner,
    ),

    itemsOf: loaderOfMany(
      (keys: readonly ModuleLearner[]) => store.itemProgress.selectManyOfModules(keys),
      moduleLearner,
      moduleLearner,
    ),

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
      const counts = await store.courseProgress.countMany(organisationId, courseIds, filter);
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
      const counts = await store.enrolments.countManyOfLearners(organisationId, learnerIds, courseIds);
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
