import type { Module } from './generated/client.ts';
import type { Connection } from './store.ts';

export type { Module };

export function moduleStore(db: Connection) {
  return {
    selectMany: (organisationId: string, ids: readonly string[]) =>
      db.module.findMany({ where: { organisationId, id: { in: [...ids] } } }),

    /** Within a transaction that holds the course. */
    selectOptional: (organisationId: string, id: string) =>
      db.module.findUnique({ where: { id, organisationId } }),

    /** The modules of these courses, in order within each. */
    selectManyOfCourses: (organisationId: string, courseIds: readonly string[]) =>
      db.module.findMany({
        where: { organisationId, courseId: { in: [...courseIds] } },
        orderBy: [{ courseId: 'asc' }, { position: 'asc' }],
      }),

    countOfCourse: (organisationId: string, courseId: string) =>
      db.module.count({ where: { organisationId, courseId } }),

    insert: (module: Module) => db.module.create({ data: module }),

    /** Undefined where the module is gone. */
    update: async (
      organisationId: string,
      id: string,
      change: { readonly title?: string },
    ): Promise<Module | undefined> => {
      const [module] = await db.module.updateManyAndReturn({ where: { organisationId, id }, data: change });
      return module;
    },

    /** Gives each module the place that its id has in `ids`. */
    updatePositions: (organisationId: string, courseId: string, ids: readonly string[]) => db.$executeRaw`
      UPDATE module SET position = wanted.place - 1
      FROM unnest(${[...ids]}::text[]) WITH ORDINALITY AS wanted(id, place)
      WHERE module.id = wanted.id
        AND module.organisation_id = ${organisationId}
        AND module.course_id = ${courseId}`,

    /** Deletes the module with its items; those after it move up. */
    delete: async ({ organisationId, id, courseId, position }: Module): Promise<void> => {
      await db.module.delete({ where: { id, organisationId } });
      await db.module.updateMany({
        where: { organisationId, courseId, position: { gt: position } },
        data: { position: { decrement: 1 } },
      });
    },
  };
}
