import type { CourseProgress } from './course-progress.ts';
import type { ItemProgress } from './item-progress.ts';
import type { ModuleProgress } from './module-progress.ts';
import type { Connection } from './store.ts';

/** Rows of progress as they are to be; those of items, of modules and of courses. */
export interface ProgressRows {
  readonly items?: readonly ItemProgress[];
  readonly modules?: readonly ModuleProgress[];
  readonly courses?: readonly CourseProgress[];
}

export function progressStore(db: Connection) {
  return {
    /** Writes the rows as they are, of all three tables by one statement: the learners must be locked. */
    upsert: async ({ items = [], modules = [], courses = [] }: ProgressRows) => {
      if (items.length + modules.length + courses.length === 0) return;
      await db.$executeRaw`
        WITH items AS (
          INSERT INTO item_progress
            (id, organisation_id, learner_id, item_id, started_at, completed_at, passed_at, failed_at, updated_at)
          SELECT id, "organisationId", "learnerId", "itemId", "startedAt", "completedAt", "passedAt", "failedAt",
            "updatedAt"
          FROM jsonb_to_recordset(${JSON.stringify(items)}::jsonb) AS r(
            id text, "organisationId" text, "learnerId" text, "itemId" text, "startedAt" timestamptz,
            "completedAt" timestamptz, "passedAt" timestamptz, "failedAt" timestamptz, "updatedAt" timestamptz)
          ON CONFLICT (organisation_id, learner_id, item_id) DO UPDATE SET
            started_at = excluded.started_at, completed_at = excluded.completed_at, passed_at = excluded.passed_at,
            failed_at = excluded.failed_at, updated_at = excluded.updated_at
        ), modules AS (
          INSERT INTO module_progress
            (id, organisation_id, learner_id, course_id, module_id, status, percent, completed_items, required_items,
             started_at, completed_at, updated_at)
          SELECT id, "organisationId", "learnerId", "courseId", "moduleId", status, percent, "completedItems",
            "requiredItems", "startedAt", "completedAt", "updatedAt"
          FROM jsonb_to_recordset(${JSON.stringify(modules)}::jsonb) AS r(
            id text, "organisationId" text, "learnerId" text, "courseId" text, "moduleId" text,
            status progress_status, percent int, "completedItems" int, "requiredItems" int, "startedAt" timestamptz,
            "completedAt" timestamptz, "updatedAt" timestamptz)
          ON CONFLICT (course_id, learner_id, module_id) DO UPDATE SET
            status = excluded.status, percent = excluded.percent, completed_items = excluded.completed_items,
            required_items = excluded.required_items, started_at = excluded.started_at,
            completed_at = excluded.completed_at, updated_at = excluded.updated_at
        )
        INSERT INTO course_progress
          (id, organisation_id, learner_id, course_id, status, percent, completed_items, required_items, revision,
           structure_revision, started_at, completed_at, updated_at)
        SELECT id, "organisationId", "learnerId", "courseId", status, percent, "completedItems", "requiredItems",
          revision, "structureRevision", "startedAt", "completedAt", "updatedAt"
        FROM jsonb_to_recordset(${JSON.stringify(courses)}::jsonb) AS r(
          id text, "organisationId" text, "learnerId" text, "courseId" text, status progress_status, percent int,
          "completedItems" int, "requiredItems" int, revision int, "structureRevision" int, "startedAt" timestamptz,
          "completedAt" timestamptz, "updatedAt" timestamptz)
        ON CONFLICT (course_id, learner_id) DO UPDATE SET
          status = excluded.status, percent = excluded.percent, completed_items = excluded.completed_items,
          required_items = excluded.required_items, revision = excluded.revision,
          structure_revision = excluded.structure_revision, started_at = excluded.started_at,
          completed_at = excluded.completed_at, updated_at = excluded.updated_at`;
    },
  };
}
