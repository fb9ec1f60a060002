import type { Page } from '@lyceum/graphql';
import type { Tally, TallyStatus } from '../domain/tally.ts';
import { Prisma } from './generated/client.ts';
import type { Connection } from './store.ts';

/** How far a learner is in a course. */
export interface CourseProgress extends Tally {
  readonly id: string;
  readonly organisationId: string;
  readonly learnerId: string;
  readonly courseId: string;
  readonly status: TallyStatus;
  readonly percent: number;
  readonly revision: number;
  readonly structureRevision: number;
  readonly updatedAt: Date;
}

/** As an event carries it, and as clients see it. */
export type ShownCourseProgress = Omit<CourseProgress, 'structureRevision'>;

export interface CourseLearner {
  readonly courseId: string;
  readonly learnerId: string;
}

/** For batches that are of several organisations: each key names its own. */
export interface CourseLearnerKey extends CourseLearner {
  readonly organisationId: string;
}

export interface ProgressFilter {
  readonly status?: string | null | undefined;
}

const columns = Prisma.sql`
  p.id, p.organisation_id AS "organisationId", p.learner_id AS "learnerId", p.course_id AS "courseId", p.status::text,
  p.percent, p.completed_items AS "completedItems", p.required_items AS "requiredItems", p.revision,
  p.structure_revision AS "structureRevision", p.started_at AS "startedAt", p.completed_at AS "completedAt",
  p.updated_at AS "updatedAt"`;

export function courseProgressStore(db: Connection) {
  return {
    selectMany: (organisationId: string, ids: readonly string[]): Promise<CourseProgress[]> =>
      db.courseProgress.findMany({ where: { organisationId, id: { in: [...ids] } } }),

    /** Of these learners and courses, in one query. */
    selectManyOf: (organisationId: string, keys: readonly CourseLearner[]) =>
      db.$queryRaw<CourseProgress[]>`
        SELECT ${columns}
        FROM jsonb_to_recordset(${JSON.stringify(keys)}::jsonb) AS k("courseId" text, "learnerId" text)
        JOIN course_progress p ON (p.course_id, p.learner_id) = (k."courseId", k."learnerId")
        WHERE p.organisation_id = ${organisationId}`,

    /** The same, but for what waits to be corrected, since it was counted by an older structure of its course. */
    selectManyCurrent: (keys: readonly CourseLearnerKey[]) =>
      db.$queryRaw<CourseProgress[]>`
        SELECT ${columns}
        FROM jsonb_to_recordset(${JSON.stringify(keys)}::jsonb)
          AS k("organisationId" text, "courseId" text, "learnerId" text)
        JOIN course_progress p
          ON (p.organisation_id, p.course_id, p.learner_id) = (k."organisationId", k."courseId", k."learnerId")
        JOIN course c ON (c.id, c.structure_revision) = (p.course_id, p.structure_revision)`,

    /** Everything that these learners of an organisation are in the midst of. */
    selectManyOfLearners: (
      organisationId: string,
      learnerIds: readonly string[],
    ): Promise<CourseProgress[]> =>
      db.courseProgress.findMany({ where: { organisationId, learnerId: { in: [...learnerIds] } } }),

    /** Learners whose counts are of an older structure than `revision`. */
    selectStaleLearners: async (
      organisationId: string,
      courseId: string,
      revision: number,
      limit: number,
    ) => {
      const rows = await db.courseProgress.findMany({
        where: { organisationId, courseId, structureRevision: { lt: revision } },
        select: { learnerId: true },
        orderBy: [{ structureRevision: 'asc' }, { learnerId: 'asc' }],
        take: limit,
      });
      return rows.map(({ learnerId }) => learnerId);
    },

    /** A page for each course, in the order of first enrolment, in one query. */
    selectPages: (organisationId: string, courseIds: readonly string[], filter: ProgressFilter, page: Page) =>
      db.$queryRaw<CourseProgress[]>`
        SELECT page.*
        FROM unnest(${[...courseIds]}::text[]) AS course(id)
        CROSS JOIN LATERAL (
          SELECT ${columns}
          FROM course_progress p
          WHERE p.organisation_id = ${organisationId} AND p.course_id = course.id
            ${statusCondition(filter)} ${placeCondition(page)}
          ORDER BY p.id ${page.backward ? Prisma.sql`DESC` : Prisma.sql`ASC`}
          LIMIT ${page.limit}) AS page
        ORDER BY page.id ${page.backward ? Prisma.sql`DESC` : Prisma.sql`ASC`}`,

    countMany: (organisationId: string, courseIds: readonly string[], filter: ProgressFilter) =>
      db.$queryRaw<{ courseId: string; count: number }[]>`
        SELECT p.course_id AS "courseId", count(*)::int AS count
        FROM course_progress p
        WHERE p.organisation_id = ${organisationId} AND p.course_id = ANY(${[...courseIds]}::text[])
          ${statusCondition(filter)}
        GROUP BY p.course_id`,
  };
}

function statusCondition({ status }: ProgressFilter): Prisma.Sql {
  return status == null ? Prisma.empty : Prisma.sql`AND p.status::text = ${status}`;
}

function placeCondition({ after, before }: Page): Prisma.Sql {
  const from = after ? Prisma.sql`AND p.id > ${String(after[0])}` : Prisma.empty;
  return before ? Prisma.sql`${from} AND p.id < ${String(before[0])}` : from;
}
