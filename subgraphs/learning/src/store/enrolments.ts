import { peopleOf } from '@lyceum/events/groups';
import type { Page } from '@lyceum/graphql';
import { Prisma, type Enrolment, type EnrolmentStatus } from './generated/client.ts';
import type { CourseLearnerKey } from './course-progress.ts';
import type { Connection } from './store.ts';

export type { Enrolment, EnrolmentStatus };

export interface CompletedEnrolment extends Enrolment {
  readonly courseTitle: string;
}

export interface EnrolmentFilter {
  readonly courseId?: string | null | undefined;
  readonly learnerId?: string | null | undefined;
  readonly status?: EnrolmentStatus | null | undefined;
}

/** The enrolments of some learners, those of the people of some groups, and those in some courses. */
export interface EnrolmentSight {
  readonly learnerIds: readonly string[];
  readonly courseIds: readonly string[];
  readonly groupIds: readonly string[];
}

const columns = Prisma.sql`
  e.id, e.organisation_id AS "organisationId", e.course_id AS "courseId", e.learner_id AS "learnerId", e.status::text,
  e.enrolled_at AS "enrolledAt", e.completed_at AS "completedAt", e.withdrawn_at AS "withdrawnAt", e.revision,
  e.updated_at AS "updatedAt"`;

export function enrolmentStore(db: Connection) {
  return {
    selectMany: (organisationId: string, ids: readonly string[]) =>
      db.enrolment.findMany({ where: { organisationId, id: { in: [...ids] } } }),

    /** A learner's enrolments in these courses that were not withdrawn: one a course at most. */
    selectManyOpen: (organisationId: string, learnerId: string, courseIds: readonly string[]) =>
      db.enrolment.findMany({
        where: { organisationId, learnerId, courseId: { in: [...courseIds] }, status: { not: 'WITHDRAWN' } },
      }),

    /** One page of an organisation's enrolments, the newest first. */
    selectPage: (organisationId: string, filter: EnrolmentFilter, page: Page, sight?: EnrolmentSight) =>
      db.$queryRaw<Enrolment[]>`
        SELECT ${columns} FROM enrolment e
        WHERE e.organisation_id = ${organisationId} ${conditions(filter)} ${within(organisationId, sight)}
          ${placeCondition(page)}
        ORDER BY e.id ${page.backward ? Prisma.sql`ASC` : Prisma.sql`DESC`} LIMIT ${page.limit}`,

    count: async (
      organisationId: string,
      filter: EnrolmentFilter,
      sight?: EnrolmentSight,
    ): Promise<number> => {
      const [row] = await db.$queryRaw<{ count: number }[]>`
        SELECT count(*)::int AS count FROM enrolment e
        WHERE e.organisation_id = ${organisationId} ${conditions(filter)} ${within(organisationId, sight)}`;
      return row?.count ?? 0;
    },

    /** A page for each learner, the newest first, in one query; of some courses, where any are named. */
    selectPagesOfLearners: (
      organisationId: string,
      learnerIds: readonly string[],
      page: Page,
      courseIds?: readonly string[],
    ) =>
      db.$queryRaw<Enrolment[]>`
        SELECT page.*
        FROM unnest(${[...learnerIds]}::text[]) AS learner(id)
        CROSS JOIN LATERAL (
          SELECT ${columns}
          FROM enrolment e
          WHERE e.organisation_id = ${organisationId} AND e.learner_id = learner.id
            ${courseCondition(courseIds)} ${placeCondition(page)}
          ORDER BY e.id ${page.backward ? Prisma.sql`ASC` : Prisma.sql`DESC`}
          LIMIT ${page.limit}) AS page
        ORDER BY page.id ${page.backward ? Prisma.sql`ASC` : Prisma.sql`DESC`}`,

    countManyOfLearners: (
      organisationId: string,
      learnerIds: readonly string[],
      courseIds?: readonly string[],
    ) =>
      db.enrolment.groupBy({
        by: ['learnerId'],
        where: {
          organisationId,
          learnerId: { in: [...learnerIds] },
          ...(courseIds === undefined ? {} : { courseId: { in: [...courseIds] } }),
        },
        _count: true,
      }),

    /** Fails on the unique index where the learner has an open enrolment in the course. */
    insert: (enrolment: { id: string; organisationId: string; courseId: string; learnerId: string }) =>
      db.enrolment.create({ data: enrolment }),

    /** Withdraws an active enrolment; null where it is not active. */
    updateWithdrawn: async (organisationId: string, id: string, withdrawnAt: Date) => {
      const [enrolment] = await db.enrolment.updateManyAndReturn({
        where: { organisationId, id, status: 'ACTIVE' },
        data: { status: 'WITHDRAWN', withdrawnAt, updatedAt: withdrawnAt, revision: { increment: 1 } },
      });
      return enrolment ?? null;
    },

    /** Completes those of the learners' enrolments that are active, and answers them. */
    updateCompleted: (
      completions: readonly (CourseLearnerKey & { readonly completedAt: Date })[],
      now: Date,
    ) =>
      db.$queryRaw<CompletedEnrolment[]>`
        UPDATE enrolment e
        SET status = 'COMPLETED', completed_at = r."completedAt", updated_at = ${now}, revision = e.revision + 1
        FROM jsonb_to_recordset(${JSON.stringify(completions)}::jsonb)
            AS r("organisationId" text, "courseId" text, "learnerId" text, "completedAt" timestamptz)
          JOIN course c ON (c.organisation_id, c.id) = (r."organisationId", r."courseId")
        WHERE (e.organisation_id, e.course_id, e.learner_id) = (r."organisationId", r."courseId", r."learnerId")
          AND e.status = 'ACTIVE'
        RETURNING ${columns}, c.title AS "courseTitle"`,
  };
}

function conditions({ courseId, learnerId, status }: EnrolmentFilter): Prisma.Sql {
  const ofCourse = courseId == null ? Prisma.empty : Prisma.sql`AND e.course_id = ${courseId}`;
  const ofLearner = learnerId == null ? Prisma.empty : Prisma.sql`AND e.learner_id = ${learnerId}`;
  const inStatus = status == null ? Prisma.empty : Prisma.sql`AND e.status = ${status}::enrolment_status`;
  return Prisma.sql`${ofCourse} ${ofLearner} ${inStatus}`;
}

/** Only the alternatives that there are: one alone is found by its index. */
function within(organisationId: string, sight: EnrolmentSight | undefined): Prisma.Sql {
  if (sight === undefined) return Prisma.empty;
  const { learnerIds, courseIds, groupIds } = sight;
  const own = Prisma.sql`${[...learnerIds]}::text[]`;
  const learners =
    groupIds.length === 0 ? own : Prisma.sql`${own} || ${peopleOf(Prisma.sql, organisationId, groupIds)}`;
  const seen = [Prisma.sql`e.learner_id = ANY(${learners})`];
  if (courseIds.length > 0) seen.push(Prisma.sql`e.course_id = ANY(${[...courseIds]}::text[])`);
  return Prisma.sql`AND (${Prisma.join(seen, ' OR ')})`;
}

function courseCondition(courseIds: readonly string[] | undefined): Prisma.Sql {
  return courseIds === undefined
    ? Prisma.empty
    : Prisma.sql`AND e.course_id = ANY(${[...courseIds]}::text[])`;
}

/** Newest first: what follows in the list has a smaller id. */
function placeCondition({ after, before }: Page): Prisma.Sql {
  const from = after ? Prisma.sql`AND e.id < ${String(after[0])}` : Prisma.empty;
  return before ? Prisma.sql`${from} AND e.id > ${String(before[0])}` : from;
}
