import { notFound, requirePermission, type PermissionName, type Viewer } from '@lyceum/service';
import type { CatalogEvents } from '../events/catalog-events.ts';
import type { Course } from '../store/courses.ts';
import type { Database, Store } from '../store/store.ts';
import { courseArchived, courseEmpty, staleRevision } from './errors.ts';

/** Which course is changed, and on what the change is based. */
export interface EditTarget {
  readonly courseId: string;
  /** The revision that the client read; null or absent: whichever the course has. */
  readonly revision?: number | null | undefined;
  /** The path of the input that names the course. */
  readonly field: readonly string[];
}

export type CourseEditor = ReturnType<typeof createCourseEditor>;

/** How a course, its modules and its items are changed: one writer at a time, each change one revision and one event. */
export function createCourseEditor({ store, events }: { store: Database; events: CatalogEvents }) {
  return {
    /**
     * Runs `change` while the course is held, then counts the revision up and tells of the course as it is now.
     *
     * @throws FORBIDDEN, NOT_FOUND, CONFLICT, COURSE_ARCHIVED, COURSE_EMPTY, and what `change` throws; then nothing is changed.
     */
    edit<T>(
      viewer: Viewer,
      target: EditTarget,
      change: (tx: Store, course: Course) => Promise<T>,
    ): Promise<{ course: Course; result: T }> {
      return store.transaction(async (tx) => {
        const held = await holdCourse(tx, viewer, 'course.update', target);
        if (held.status === 'ARCHIVED') throw courseArchived();
        const result = await change(tx, held);
        if (held.status === 'PUBLISHED') await refuseEmpty(tx, held);
        const course = await tx.courses.update(held.organisationId, held.id);
        await events.courseUpdated(tx, course);
        return { course, result };
      });
    },
  };
}

/**
 * The course, for somebody who holds the permission for it; held against other writers until the transaction ends.
 *
 * @throws FORBIDDEN, also where there is no such course and the viewer holds the permission for single ones only;
 * NOT_FOUND, CONFLICT
 */
export async function holdCourse(
  tx: Store,
  viewer: Viewer,
  permission: PermissionName,
  { courseId, revision, field }: EditTarget,
): Promise<Course> {
  requirePermission(viewer, permission, { course: courseId });
  const course = await tx.courses.lock(viewer.organisationId, courseId);
  if (!course) throw notFound('course', courseId, field);
  if (revision != null && revision !== course.revision) throw staleRevision(revision, course.revision);
  return course;
}

/** @throws COURSE_EMPTY */
export async function refuseEmpty(tx: Store, { organisationId, id }: Course): Promise<void> {
  if ((await tx.contentItems.countOfCourse(organisationId, id)) === 0) throw courseEmpty();
}
