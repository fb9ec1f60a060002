import { objectsWhereViewerMay, viewerMay, type Viewer } from '@lyceum/service';
import type { Course, CourseStatus } from '../store/courses.ts';

/**
 * May the viewer read this course of their organisation? Readers see what is published, and what was: who worked
 * through a course keeps it when it is archived. A draft that was archived unpublished stays with those who see drafts.
 */
export function mayRead(viewer: Viewer, course: Pick<Course, 'id' | 'status' | 'publishedAt'>): boolean {
  if (course.status === 'PUBLISHED') return viewerMay(viewer, 'course.read');
  if (viewerMay(viewer, 'course.read.draft', { course: course.id })) return true;
  return course.status === 'ARCHIVED' && course.publishedAt !== null && viewerMay(viewer, 'course.read');
}

/** What is listed for a viewer: courses in some states, and some courses in whatever state. */
export interface Listed {
  readonly statuses: readonly CourseStatus[];
  readonly draftsOf: readonly string[];
}

const everyStatus: readonly CourseStatus[] = ['DRAFT', 'PUBLISHED', 'ARCHIVED'];

/** The courses that a list shows to the viewer. */
export function listedFor(viewer: Viewer): Listed {
  const drafts = objectsWhereViewerMay(viewer, 'course.read.draft', 'course');
  return drafts === undefined
    ? { statuses: everyStatus, draftsOf: [] }
    : { statuses: ['PUBLISHED'], draftsOf: drafts };
}
