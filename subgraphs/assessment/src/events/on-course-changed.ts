import type { CourseState, DomainEventOf, EventHandlers } from '@lyceum/events';
import type { QuizItem } from '../store/courses.ts';
import type { Database } from '../store/store.ts';

type CourseChanged = DomainEventOf<
  'course.created' | 'course.updated' | 'course.published' | 'course.archived'
>;

/** Keeps what a course is called, whether learners see it, and its quizzes. An older or known revision changes nothing. */
export function onCourseChanged({ store }: { store: Database }): EventHandlers {
  const keep = async ({ organisation, data: { course } }: CourseChanged): Promise<void> => {
    const { id, title, status, revision } = course;
    await store.transaction(async (tx) => {
      const kept = await tx.courses.upsert({ id, organisationId: organisation, title, status, revision });
      if (kept > 0) await tx.courses.updateQuizItems(organisation, id, quizItemsOf(organisation, course));
    });
  };
  return {
    'course.created': keep,
    'course.updated': keep,
    'course.published': keep,
    'course.archived': keep,
  };
}

function quizItemsOf(organisationId: string, { id: courseId, modules }: CourseState): QuizItem[] {
  const items = modules.flatMap((module) => module.items);
  return items.flatMap(({ id, title, assessmentId }, place) =>
    assessmentId === null ? [] : [{ id, organisationId, courseId, assessmentId, title, place }],
  );
}
