import type { ContentItem, Course, CourseStatus, Module } from './generated/client.ts';
import type { Connection } from './store.ts';

export type { ContentItem, Course, Module };

/** A course as the catalog tells of it. */
export interface CourseOutline {
  readonly id: string;
  readonly organisationId: string;
  readonly title: string;
  readonly status: CourseStatus;
  readonly revision: number;
  readonly modules: readonly Omit<Module, 'organisationId' | 'courseId'>[];
  readonly items: readonly Omit<ContentItem, 'organisationId' | 'courseId'>[];
}

export function courseStore(db: Connection) {
  return {
    selectOptional: (organisationId: string, id: string) =>
      db.course.findFirst({ where: { organisationId, id } }),

    /** The modules and items that a course has now. */
    selectOutline: async (organisationId: string, courseId: string) => ({
      modules: await db.module.findMany({ where: { organisationId, courseId } }),
      items: await db.contentItem.findMany({ where: { organisationId, courseId } }),
    }),

    /** Holds the course's structure as it is until the transaction ends; others may hold it too. */
    lockShared: (organisationId: string, id: string) =>
      db.$executeRaw`SELECT 1 FROM course WHERE organisation_id = ${organisationId} AND id = ${id} FOR SHARE`,

    /** Holds the course against those who change its structure, and those who count by it. */
    lock: (organisationId: string, id: string) =>
      db.$executeRaw`
        SELECT 1 FROM course WHERE organisation_id = ${organisationId} AND id = ${id} FOR NO KEY UPDATE`,

    /** Some courses, of whatever organisation, whose learners' progress is still to be corrected. */
    selectManyStale: (limit: number) =>
      db.$queryRaw<Pick<Course, 'id' | 'organisationId' | 'structureRevision'>[]>`
        SELECT id, organisation_id AS "organisationId", structure_revision AS "structureRevision"
        FROM course
        WHERE structure_revision <> corrected_revision
        ORDER BY id
        LIMIT ${limit}`,

    /** Takes the course from the stale queue, unless its structure has changed again. */
    updateCorrected: (organisationId: string, id: string, structureRevision: number) =>
      db.course.updateMany({
        where: { organisationId, id, structureRevision },
        data: { correctedRevision: structureRevision },
      }),

    /** @returns false where this revision or a newer one, or another organisation's, is known: nothing is changed. */
    upsert: async ({ id, organisationId, title, status, revision }: CourseOutline) => {
      const written = await db.$executeRaw`
        INSERT INTO course AS known
          (id, organisation_id, title, status, revision, structure_revision, corrected_revision)
        VALUES (${id}, ${organisationId}, ${title}, ${status}::course_status, ${revision}, ${revision}, ${revision})
        ON CONFLICT (id) DO UPDATE SET title = excluded.title, status = excluded.status, revision = excluded.revision
          WHERE known.organisation_id = excluded.organisation_id AND known.revision < excluded.revision`;
      return written > 0;
    },

    /** The structure has changed at this revision: everybody's progress is to be corrected. */
    updateStructureRevision: (organisationId: string, id: string, revision: number) =>
      db.course.updateMany({ where: { organisationId, id }, data: { structureRevision: revision } }),

    /** Replaces a course's modules and items. */
    updateOutline: async ({ id: courseId, organisationId, modules, items }: CourseOutline) => {
      const itemIds = items.map(({ id }) => id);
      const moduleIds = modules.map(({ id }) => id);
      await db.contentItem.deleteMany({ where: { organisationId, courseId, id: { notIn: itemIds } } });
      await upsertModules(db, { courseId, organisationId }, modules);
      await upsertItems(db, { courseId, organisationId }, items);
      await db.module.deleteMany({ where: { organisationId, courseId, id: { notIn: moduleIds } } });
    },
  };
}

interface Owner {
  readonly courseId: string;
  readonly organisationId: string;
}

function upsertModules(db: Connection, owner: Owner, modules: CourseOutline['modules']) {
  return db.$executeRaw`
    INSERT INTO module (id, organisation_id, course_id, title, position)
    SELECT id, ${owner.organisationId}, ${owner.courseId}, title, position
    FROM jsonb_to_recordset(${JSON.stringify(modules)}::jsonb) AS r(id text, title text, position int)
    ON CONFLICT (id) DO UPDATE SET title = excluded.title, position = excluded.position`;
}

function upsertItems(db: Connection, owner: Owner, items: CourseOutline['items']) {
  return db.$executeRaw`
    INSERT INTO content_item (id, organisation_id, course_id, module_id, type, required, position)
    SELECT id, ${owner.organisationId}, ${owner.courseId}, "moduleId", type, required, position
    FROM jsonb_to_recordset(${JSON.stringify(items)}::jsonb)
      AS r(id text, "moduleId" text, type content_item_type, required boolean, position int)
    ON CONFLICT (id) DO UPDATE SET module_id = excluded.module_id, type = excluded.type,
      required = excluded.required, position = excluded.position`;
}
