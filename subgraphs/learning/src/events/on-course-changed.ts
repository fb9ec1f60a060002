import type { DomainEventOf, EventHandlers } from '@lyceum/events';
import type { Courses } from '../domain/courses.ts';
import type { CourseOutline } from '../store/courses.ts';

type CourseEvent = DomainEventOf<
  'course.created' | 'course.updated' | 'course.published' | 'course.archived'
>;

/** Keeps the structure of courses as the catalog has it, and has everybody's progress corrected after a change. */
export function onCourseChanged(options: {
  courses: Courses;
  /** Called after each change of a course. */
  onChange: () => void;
}): EventHandlers {
  const { courses, onChange } = options;
  const learn = async ({ data }: CourseEvent) => {
    await courses.learn(outlineOf(data.course));
    onChange();
  };
  return {
    'course.created': learn,
    'course.updated': learn,
    'course.published': learn,
    'course.archived': learn,
  };
}

function outlineOf(course: CourseEvent['data']['course']): CourseOutline {
  const { id, organisationId, title, status, revision, modules } = course;
  return {
    id,
    organisationId,
    title,
    status,
    revision,
    modules: modules.map((module) => ({ id: module.id, title: module.title, position: module.position })),
    items: modules.flatMap((module) =>
      module.items.map((item) => ({
        id: item.id,
        moduleId: module.id,
        type: item.type,
        required: item.required,
        position: item.position,
      })),
    ),
  };
}
