import { isUniqueViolation } from '@lyceum/postgres';
import { selectedColumns, whereListed, type CourseList, type CoursePage } from './course-list.ts';
import type { Course, CourseStatus } from './generated/client.ts';
import type { Connection } from './store.ts';

export type { Course, CourseStatus };

/** What an author writes of a course. */
export interface CourseText {
  readonly title: string;
  readonly slug: string;
  readonly summary: string;
  readonly language: string;
}

export function courseStore(db: Connection) {
  return {
    selectMany: (organisationId: string, ids: readonly string[]) =>
      db.course.findMany({ where: { organisationId, id: { in: [...ids] } } }),

    selectOptionalBySlug: (organisationId: string, slug: string) =>
      db.course.findUnique({ where: { organisationId_slug: { organisationId, slug } } }),

    /** The course, held against other writers of it, its modules and its items until the transaction ends. */
    lock: async (organisationId: string, id: string): Promise<Course | undefined> => {
      const rows = await db.$queryRaw<Course[]>`
        SELECT ${selectedColumns} FROM course WHERE organisation_id = ${organisationId} AND id = ${id} FOR UPDATE`;
      return rows[0];
    },

    selectPage: (list: CourseList, page: CoursePage) => {
      const { column, where, direction } = whereListed(list, page);
      return db.$queryRaw<Course[]>`
        SELECT ${selectedColumns} FROM course WHERE ${where}
        ORDER BY ${column} ${direction}, id ${direction} LIMIT ${page.limit}`;
    },

    count: async (list: CourseList): Promise<number> => {
      const { where } = whereListed(list);
      const rows = await db.$queryRaw<{ count: number }[]>`
        SELECT count(*)::integer AS count FROM course WHERE ${where}`;
      return rows[0]?.count ?? 0;
    },

    /** Undefined where another course of the organisation has the slug. */
    insert: (course: CourseText & { id: string; organisationId: string }) =>
      unlessSlugTaken(db.course.create({ data: course })),

    /** Writes what is given. Undefined where another course of the organisation has the slug. */
    updateText: (organisationId: string, id: string, text: Partial<CourseText>) =>
      unlessSlugTaken(db.course.update({ where: { id, organisationId }, data: text })),

    /** Writes what is given, and counts the revision up. */
    update: (organisationId: string, id: string, change: CourseStep = {}) =>
      db.course.update({
        where: { id, organisationId },
        data: { ...change, revision: { increment: 1 }, updatedAt: new Date() },
      }),
  };
}

async function unlessSlugTaken(write: PromiseLike<Course>): Promise<Course | undefined> {
  try {
    return await write;
  } catch (error) {
    if (isUniqueViolation(error, 'slug')) return undefined;
    throw error;
  }
}

/** A step in the life of a course. */
export interface CourseStep {
  readonly status?: CourseStatus;
  readonly publishedAt?: Date;
  readonly archivedAt?: Date | null;
}
