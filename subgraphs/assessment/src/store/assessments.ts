import type { Page } from '@lyceum/graphql';
import type { Assessment, Prisma } from './generated/client.ts';
import { orderOf, placeOf } from './place.ts';
import type { Connection } from './store.ts';

export type { Assessment };

export interface AssessmentFilter {
  readonly courseId?: string | null | undefined;
  /** Only those of these courses, among which `courseId` is one where both are given. */
  readonly courseIds?: readonly string[];
}

/** How many questions an assessment has, and their points together. */
export interface AssessmentTotals {
  readonly id: string;
  readonly questionCount: number;
  readonly maxScore: number;
}

export interface AssessmentChanges {
  readonly title?: string;
  readonly passingScore?: number;
  readonly maxAttempts?: number | null;
}

export function assessmentStore(db: Connection) {
  return {
    selectMany: (organisationId: string, ids: readonly string[]) =>
      db.assessment.findMany({ where: { organisationId, id: { in: [...ids] } } }),

    selectOptional: (organisationId: string, id: string) =>
      db.assessment.findFirst({ where: { organisationId, id } }),

    /** One page of an organisation's assessments, in the order in which they were made. */
    selectPage: (organisationId: string, filter: AssessmentFilter, page: Page) =>
      db.assessment.findMany({
        where: { ...inOrganisation(organisationId, filter), id: placeOf(page) },
        ...orderOf(page),
      }),

    count: (organisationId: string, filter: AssessmentFilter) =>
      db.assessment.count({ where: inOrganisation(organisationId, filter) }),

    /** Those without a question are absent. */
    selectManyTotals: (organisationId: string, ids: readonly string[]) => db.$queryRaw<AssessmentTotals[]>`
      SELECT question.assessment_id AS id,
             count(*)::int AS "questionCount",
             sum(question_version.points) AS "maxScore"
      FROM question JOIN question_version ON question_version.id = question.version_id
      WHERE question.organisation_id = ${organisationId}
        AND question.assessment_id = ANY(${[...ids]})
        AND question.position IS NOT NULL
      GROUP BY question.assessment_id`,

    insert: (assessment: {
      id: string;
      organisationId: string;
      courseId: string;
      title: string;
      passingScore: number;
      maxAttempts: number | null;
    }) => db.assessment.create({ data: assessment }),

    /**
     * Changes an assessment that has the revision (any, where it is undefined), and counts it one up; null where there
     * is none. It, and so its questions, stay locked against other writers until the transaction ends.
     */
    update: async (
      organisationId: string,
      id: string,
      changes: AssessmentChanges,
      revision?: number,
    ): Promise<Assessment | null> => {
      const [updated] = await db.assessment.updateManyAndReturn({
        where: { organisationId, id, ...(revision === undefined ? {} : { revision }) },
        data: { ...changes, revision: { increment: 1 }, updatedAt: new Date() },
      });
      return updated ?? null;
    },

    /** Keeps writers, but not other readers, from the assessment and its questions until the transaction ends. */
    lockShared: (organisationId: string, id: string) =>
      db.$queryRaw`SELECT 1 FROM assessment WHERE organisation_id = ${organisationId} AND id = ${id} FOR SHARE`,
  };
}

function inOrganisation(
  organisationId: string,
  { courseId, courseIds }: AssessmentFilter,
): Prisma.AssessmentWhereInput {
  return {
    organisationId,
    ...(courseId == null ? {} : { courseId }),
    ...(courseIds === undefined ? {} : { AND: [{ courseId: { in: [...courseIds] } }] }),
  };
}
