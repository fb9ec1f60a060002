import type { Viewer } from '@lyceum/service';
import type { Course, CourseStatus } from '../store/courses.ts';

/** May the viewer write courses of their organisation? */
export function mayEdit({ roles }: Viewer): boolean {
  return roles.includes('ADMIN') || roles.includes('AUTHOR');
}

/**
 * May the viewer read this course of their organisation? Readers see what is published, and what was: who worked
 * through a course keeps it when it is archived. A draft that was archived unpublished stays with its editors.
 */
export function mayRead(viewer: Viewer, course: Pick<Course, 'status' | 'publishedAt'>): boolean {
  if (mayEdit(viewer) || course.status === 'PUBLISHED') return true;
  return course.status === 'ARCHIVED' && course.publishedAt !== null;
}

/** The states in which courses are listed for the viewer, narrowed to `wanted` where it is given. */
export function listedStatuses(viewer: Viewer, wanted: CourseStatus | null | undefined): CourseStatus[] {
  const seen: CourseStatus[] = mayEdit(viewer) ? ['DRAFT', 'PUBLISHED', 'ARCHIVED'] : ['PUBLISHED'];
  return wanted == null ? seen : seen.filter((status) => status === wanted);
}
