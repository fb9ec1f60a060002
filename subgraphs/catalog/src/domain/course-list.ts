import type { CursorKey, Page } from '@lyceum/graphql';
import { invalid, type Viewer } from '@lyceum/service';
import type {
  CourseList,
  CourseOrder,
  CourseOrderField,
  CoursePage,
  CoursePlace,
} from '../store/course-list.ts';
import type { Course, CourseStatus } from '../store/courses.ts';
import { checkedLength } from './checked-text.ts';
import { listedFor } from './visibility.ts';

export interface CourseFilter {
  readonly search?: string | null | undefined;
  readonly status?: CourseStatus | null | undefined;
}

/** What a viewer asked to have listed. @throws INVALID */
export function listOf(viewer: Viewer, filter: CourseFilter, orderBy: CourseOrder): CourseList {
  const search = checkedLength(['filter', 'search'], filter.search?.trim() ?? '', 200);
  return {
    organisationId: viewer.organisationId,
    listed: listedFor(viewer),
    status: filter.status ?? undefined,
    search: search === '' ? undefined : search,
    orderBy,
  };
}

/** The key of a course's cursor. It names the field, so that a cursor of one order is not taken for one of another. */
export function cursorKey({ field }: CourseOrder, course: Course): CursorKey {
  return [field, valueOf[field](course), course.id];
}

const valueOf: Readonly<Record<CourseOrderField, (course: Course) => string>> = {
  TITLE: ({ title }) => title,
  CREATED_AT: ({ createdAt }) => createdAt.toISOString(),
  UPDATED_AT: ({ updatedAt }) => updatedAt.toISOString(),
};

/** @throws INVALID for a cursor of another list. */
export function coursePage(orderBy: CourseOrder, page: Page): CoursePage {
  return {
    limit: page.limit,
    backward: page.backward,
    after: placeOf('after', orderBy, page.after),
    before: placeOf('before', orderBy, page.before),
  };
}

function placeOf(
  argument: string,
  { field }: CourseOrder,
  key: CursorKey | undefined,
): CoursePlace | undefined {
  if (key === undefined) return undefined;
  const [ofField, value, id] = key;
  const ours = ofField === field && typeof value === 'string' && typeof id === 'string';
  if (!ours || (field !== 'TITLE' && !isInstant(value))) {
    throw invalid([argument], `${argument} is a cursor of a list in another order.`);
  }
  return { value: checkedLength([argument], value, 200), id: checkedLength([argument], id, 100) };
}

/** As toISOString writes the years that a course can be of. More passes Date.parse than PostgreSQL takes. */
function isInstant(text: string): boolean {
  if (!/^2\d{3}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/.test(text)) return false;
  const instant = new Date(text);
  return !Number.isNaN(instant.getTime()) && instant.toISOString() === text;
}
