import { mapIterator, type LiveTopic } from '@lyceum/events';
import { notFound, objectsWhereViewerMay, type Viewer } from '@lyceum/service';
import type { CourseProgress, ShownCourseProgress } from '../store/course-progress.ts';
import type { Store } from '../store/store.ts';
import { groupsFrom, mayDo, mayDoInGroup, requireMayDo } from './access.ts';

export type Progress = ReturnType<typeof createProgress>;

/** How far learners are. */
export function createProgress({ store, live }: { store: Store; live: LiveTopic<ShownCourseProgress> }) {
  async function requireCourse(viewer: Viewer, courseId: string): Promise<void> {
    const course = await store.courses.selectOptional(viewer.organisationId, courseId);
    if (!course) throw notFound('course', courseId, ['courseId']);
  }

  async function requireMember(viewer: Viewer, learnerId: string): Promise<void> {
    const learner = await store.learners.selectOptional(viewer.organisationId, learnerId);
    if (!learner || learner.roles.length === 0) throw notFound('member', learnerId, ['learnerId']);
  }

  /** Who is in a group is looked up as each change comes: it may be another than when the subscription began. */
  async function ifSeen(viewer: Viewer, progress: ShownCourseProgress): Promise<ShownCourseProgress | null> {
    const act = 'progress.read';
    if (mayDo(viewer, act, progress)) return progress;
    const inGroup = await mayDoInGroup(viewer, act, progress.learnerId, groupsFrom(store, viewer));
    return inGroup ? progress : null;
  }

  return {
    /**
     * A learner's progress through a course; null for one who was never enrolled in it.
     *
     * @throws NOT_FOUND where the organisation has no such course or member, FORBIDDEN
     */
    async get(viewer: Viewer, courseId: string, wanted?: string | null): Promise<CourseProgress | null> {
      const learnerId = wanted ?? viewer.userId;
      await requireMayDo(viewer, 'progress.read', { learnerId, courseId }, groupsFrom(store, viewer));
      await requireCourse(viewer, courseId);
      const [progress] = await store.courseProgress.selectManyOf(viewer.organisationId, [
        { courseId, learnerId },
      ]);
      if (!progress && learnerId !== viewer.userId) await requireMember(viewer, learnerId);
      return progress ?? null;
    },

    /** Changes that the viewer may see, from now on, of one course or of all. @throws NOT_FOUND */
    async updates(
      viewer: Viewer,
      courseId?: string | null,
    ): Promise<AsyncIterableIterator<ShownCourseProgress>> {
      if (courseId != null) await requireCourse(viewer, courseId);
      const byGroup = (objectsWhereViewerMay(viewer, 'progress.read', 'group') ?? []).length > 0;
      const changes = await live.subscribe(
        viewer.organisationId,
        (progress) =>
          (courseId == null || progress.courseId === courseId) &&
          (byGroup || mayDo(viewer, 'progress.read', progress)),
      );
      return byGroup ? mapIterator(changes, (progress) => ifSeen(viewer, progress)) : changes;
    },
  };
}
