import type { DomainEventOf, EventHandlers } from '@lyceum/events';
import { activityIri } from '@lyceum/xapi';
import type { Store } from '../store/store.ts';

type CourseEvent = DomainEventOf<
  'course.created' | 'course.updated' | 'course.published' | 'course.archived'
>;

/** Notes which activities belong to a course. An event that comes again writes the same rows, which are then one. */
export function onCourseChanged({ store, publicUrl }: { store: Store; publicUrl: string }): EventHandlers {
  const note = async ({ data: { course } }: CourseEvent) => {
    const { id, organisationId: organisation } = course;
    const ids = [...new Set(partsOf(course))];
    await store.courseActivities.insert(
      ids.map((part) => ({ organisation, course: id, activity: activityIri(publicUrl, part) })),
    );
  };
  return {
    'course.created': note,
    'course.updated': note,
    'course.published': note,
    'course.archived': note,
  };
}

/** The ids of the course, its modules, its items, and the assessments of its quizzes. */
function partsOf({ id, modules }: CourseEvent['data']['course']): string[] {
  const items = modules.flatMap((module) => module.items);
  const assessments = items.flatMap(({ assessmentId }) => assessmentId ?? []);
  return [id, ...modules.map((module) => module.id), ...items.map((item) => item.id), ...assessments];
}
