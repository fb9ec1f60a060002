import { peopleOf } from '@lyceum/events/groups';
import type { Page } from '@lyceum/graphql';
import { Prisma, type Attempt, type AttemptState } from './generated/client.ts';
import type { Connection } from './store.ts';

export type { Attempt };

/** Whose attempts are asked for. */
export interface AttemptScope {
  readonly organisationId: string;
  /** Those of some learners, of the people of some groups, and in some courses; absent: all of the organisation. */
  readonly only?: {
    readonly learnerIds: readonly string[];
    readonly courseIds: readonly string[];
    readonly groupIds: readonly string[];
  };
}

export interface AttemptFilter {
  readonly assessmentId?: string | null | undefined;
  readonly learnerId?: string | null | undefined;
  readonly state?: AttemptState | null | undefined;
}

/** Where a learner stands in an assessment: how many attempts have begun, and which of them is open. */
export interface Standing {
  readonly begun: number;
  readonly open: string | null;
}

export interface Grade {
  readonly raw: number;
  readonly max: number;
  readonly scaled: number;
  readonly passed: boolean;
}

const columns = Prisma.sql`
  a.id, a.organisation_id AS "organisationId", a.assessment_id AS "assessmentId", a.course_id AS "courseId",
  a.item_id AS "itemId", a.learner_id AS "learnerId", a.number, a.state::text, a.passing_score AS "passingScore",
  a.start_key AS "startKey", a.submit_key AS "submitKey", a.started_at AS "startedAt",
  a.submitted_at AS "submittedAt", a.graded_at AS "gradedAt", a.raw_score AS "rawScore", a.max_score AS "maxScore",
  a.scaled_score AS "scaledScore", a.passed, a.revision`;

export function attemptStore(db: Connection) {
  return {
    selectMany: (scope: AttemptScope, ids: readonly string[]) =>
      db.$queryRaw<Attempt[]>`
        SELECT ${columns} FROM attempt a WHERE ${within(scope)} AND a.id = ANY(${[...ids]}::text[])`,

    /** One page of attempts, in the order in which they began. */
    selectPage: (scope: AttemptScope, filter: AttemptFilter, page: Page) =>
      db.$queryRaw<Attempt[]>`
        SELECT ${columns} FROM attempt a WHERE ${within(scope)} ${matching(filter)} ${placeCondition(page)}
        ORDER BY a.id ${page.backward ? Prisma.sql`DESC` : Prisma.sql`ASC`} LIMIT ${page.limit}`,

    count: async (scope: AttemptScope, filter: AttemptFilter): Promise<number> => {
      const [row] = await db.$queryRaw<{ count: number }[]>`
        SELECT count(*)::int AS count FROM attempt a WHERE ${within(scope)} ${matching(filter)}`;
      return row?.count ?? 0;
    },

    selectOptionalByStartKey: (organisationId: string, learnerId: string, startKey: string) =>
      db.attempt.findUnique({
        where: { organisationId_learnerId_startKey: { organisationId, learnerId, startKey } },
      }),

    selectStanding: async (
      organisationId: string,
      assessmentId: string,
      learnerId: string,
    ): Promise<Standing> => {
      const [last] = await db.attempt.findMany({
        where: { organisationId, assessmentId, learnerId },
        orderBy: { number: 'desc' },
        take: 1,
      });
      return { begun: last?.number ?? 0, open: last?.state === 'IN_PROGRESS' ? last.id : null };
    },

    /**
     * Begins an attempt; null where another one with its number, with its key, or open stands in its way, also where
     * that one was begun at this moment by somebody else (it is waited for).
     */
    insertOptional: async (attempt: {
      id: string;
      organisationId: string;
      assessmentId: string;
      courseId: string;
      itemId: string;
      learnerId: string;
      number: number;
      passingScore: number;
      startKey: string;
      startedAt: Date;
    }): Promise<Attempt | null> => {
      const [inserted] = await db.attempt.createManyAndReturn({ data: [attempt], skipDuplicates: true });
      return inserted ?? null;
    },

    /**
     * A learner's own attempt, locked until the transaction ends: `SHARE` lets others answer beside, and none submit;
     * `UPDATE` keeps everybody else out. The lock itself asks whose it is: who may not have it waits for nobody.
     */
    lock: async (
      { organisationId, learnerId }: { organisationId: string; learnerId: string },
      id: string,
      lock: 'SHARE' | 'UPDATE',
    ): Promise<Attempt | null> => {
      await db.$queryRaw`
        SELECT 1 FROM attempt
        WHERE organisation_id = ${organisationId} AND learner_id = ${learnerId} AND id = ${id}
        ${lock === 'SHARE' ? Prisma.sql`FOR SHARE` : Prisma.sql`FOR UPDATE`}`;
      return db.attempt.findFirst({ where: { id, organisationId, learnerId } });
    },

    /** Submits and grades an attempt in progress: two changes, so that its revision grows by two. */
    updateGraded: (
      organisationId: string,
      id: string,
      submitKey: string,
      at: Date,
      { raw, max, scaled, passed }: Grade,
    ) =>
      db.attempt.update({
        where: { id, organisationId, state: 'IN_PROGRESS' },
        data: {
          state: 'GRADED',
          submitKey,
          submittedAt: at,
          gradedAt: at,
          rawScore: raw,
          maxScore: max,
          scaledScore: scaled,
          passed,
          revision: { increment: 2 },
        },
      }),
  };
}

/** Only the alternatives that there are: one alone is found by its index. */
function within({ organisationId, only }: AttemptScope): Prisma.Sql {
  const ofOrganisation = Prisma.sql`a.organisation_id = ${organisationId}`;
  if (only === undefined) return ofOrganisation;
  const { learnerIds, courseIds, groupIds } = only;
  const own = Prisma.sql`${[...learnerIds]}::text[]`;
  const learners =
    groupIds.length === 0 ? own : Prisma.sql`${own} || ${peopleOf(Prisma.sql, organisationId, groupIds)}`;
  const seen = [Prisma.sql`a.learner_id = ANY(${learners})`];
  if (courseIds.length > 0) seen.push(Prisma.sql`a.course_id = ANY(${[...courseIds]}::text[])`);
  return Prisma.sql`${ofOrganisation} AND (${Prisma.join(seen, ' OR ')})`;
}

function matching({ assessmentId, learnerId, state }: AttemptFilter): Prisma.Sql {
  const ofAssessment =
    assessmentId == null ? Prisma.empty : Prisma.sql`AND a.assessment_id = ${assessmentId}`;
  const ofLearner = learnerId == null ? Prisma.empty : Prisma.sql`AND a.learner_id = ${learnerId}`;
  const inState = state == null ? Prisma.empty : Prisma.sql`AND a.state::text = ${state}`;
  return Prisma.sql`${ofAssessment} ${ofLearner} ${inState}`;
}

function placeCondition({ after, before }: Page): Prisma.Sql {
  const from = after ? Prisma.sql`AND a.id > ${String(after[0])}` : Prisma.empty;
  return before ? Prisma.sql`${from} AND a.id < ${String(before[0])}` : from;
}
