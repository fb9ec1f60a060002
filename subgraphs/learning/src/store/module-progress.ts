import type { Tally, TallyStatus } from '../domain/tally.ts';
import { Prisma } from './generated/client.ts';
import type { CourseLearner, CourseLearnerKey } from './course-progress.ts';
import type { Connection } from './store.ts';

/** How far a learner is in a module. */
export interface ModuleProgress extends Tally {
  readonly id: string;
  readonly organisationId: string;
  readonly learnerId: string;
  readonly courseId: string;
  readonly moduleId: string;
  readonly status: TallyStatus;
  readonly percent: number;
  readonly updatedAt: Date;
}

const columns = Prisma.sql`
  p.id, p.organisation_id AS "organisationId", p.learner_id AS "learnerId", p.course_id AS "courseId",
  p.module_id AS "moduleId", p.status::text, p.percent, p.completed_items AS "completedItems",
  p.required_items AS "requiredItems", p.started_at AS "startedAt", p.completed_at AS "completedAt",
  p.updated_at AS "updatedAt"`;

export function moduleProgressStore(db: Connection) {
  return {
    selectMany: (organisationId: string, ids: readonly string[]): Promise<ModuleProgress[]> =>
      db.moduleProgress.findMany({ where: { organisationId, id: { in: [...ids] } } }),

    /** Of these learners and courses, in one query, in the order of the course. */
    selectManyOf: (organisationId: string, keys: readonly CourseLearner[]) =>
      db.$queryRaw<ModuleProgress[]>`
        SELECT ${columns}
        FROM jsonb_to_recordset(${JSON.stringify(keys)}::jsonb) AS k("courseId" text, "learnerId" text)
        JOIN module_progress p ON (p.course_id, p.learner_id) = (k."courseId", k."learnerId")
        JOIN module m ON m.id = p.module_id
        WHERE p.organisation_id = ${organisationId}
        ORDER BY p.course_id, p.learner_id, m.position`,

    /** The same, in any order. */
    selectManyOfCourses: (keys: readonly CourseLearnerKey[]) =>
      db.$queryRaw<ModuleProgress[]>`
        SELECT ${columns}
        FROM jsonb_to_recordset(${JSON.stringify(keys)}::jsonb)
          AS k("organisationId" text, "courseId" text, "learnerId" text)
        JOIN module_progress p
          ON (p.organisation_id, p.course_id, p.learner_id) = (k."organisationId", k."courseId", k."learnerId")`,

    /** Removes what these learners had in modules that the course has no longer. */
    deleteOrphans: (organisationId: string, courseId: string, learnerIds: readonly string[]) =>
      db.$executeRaw`
        DELETE FROM module_progress p
        WHERE p.organisation_id = ${organisationId} AND p.course_id = ${courseId} AND p.learner_id = ANY(${[...learnerIds]}::text[])
          AND NOT EXISTS (SELECT 1 FROM module m WHERE m.id = p.module_id AND m.course_id = p.course_id)`,
  };
}
