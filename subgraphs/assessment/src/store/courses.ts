import type { Course, QuizItem } from './generated/client.ts';
import type { Connection } from './store.ts';

export type { Course, QuizItem };

/** Courses and their quiz items, as catalog's events tell of them. */
export function courseStore(db: Connection) {
  return {
    selectOptional: (organisationId: string, id: string) =>
      db.course.findFirst({ where: { organisationId, id } }),

    /** Those of `ids` that learners may know of: no drafts. */
    selectManyOpen: (organisationId: string, ids: readonly string[]) =>
      db.course.findMany({ where: { organisationId, id: { in: [...ids] }, status: { not: 'DRAFT' } } }),

    /** The first item of the course that puts the assessment to learners. */
    selectOptionalQuizItem: (organisationId: string, courseId: string, assessmentId: string) =>
      db.quizItem.findFirst({ where: { organisationId, courseId, assessmentId }, orderBy: { place: 'asc' } }),

    selectOptionalQuizItemById: (organisationId: string, id: string) =>
      db.quizItem.findFirst({ where: { organisationId, id } }),

    /** Keeps what an event says of a course, unless something as new is known: 1 where it was kept. */
    upsert: (course: Course) => db.$executeRaw`
      INSERT INTO course (id, organisation_id, title, status, revision)
      VALUES (${course.id}, ${course.organisationId}, ${course.title}, ${course.status}, ${course.revision})
      ON CONFLICT (id) DO UPDATE
      SET title = excluded.title, status = excluded.status, revision = excluded.revision
      WHERE course.revision < excluded.revision AND course.organisation_id = excluded.organisation_id`,

    /** Makes these the quiz items of a course. */
    updateQuizItems: async (organisationId: string, courseId: string, items: readonly QuizItem[]) => {
      await db.quizItem.deleteMany({ where: { organisationId, courseId } });
      await db.quizItem.createMany({ data: [...items] });
    },
  };
}
