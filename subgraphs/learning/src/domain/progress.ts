import type { LiveTopic } from '@lyceum/events';
import { notFound, type Viewer } from '@lyceum/service';
import type { CourseProgress, ShownCourseProgress } from '../store/course-progress.ts';
import type { Store } from '../store/store.ts';
import { mayDo, requireMayDo } from './access.ts';

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

  return {
    /**
     * A learner's progress through a course; null for one who was never enrolled in it.
     *
     * @throws NOT_FOUND where the organisation has no such course or member, FORBIDDEN
     */
    async get(viewer: Viewer, courseId: string, wanted?: string | null): Promise<CourseProgress | null> {
      const learnerId = wanted ?? viewer.userId;
      requireMayDo(viewer, 'progress.read', { learnerId, courseId });
      await requireCourse(viewer, courseId);
      const [progress] = await store.courseProgress.selectMany(viewer.organisationId, [
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
      return live.subscribe(
        viewer.organisationId,
        (progress) =>
          (courseId == null || progress.courseId === courseId) && mayDo(viewer, 'progress.read', progress),
      );
    },
  };
}
