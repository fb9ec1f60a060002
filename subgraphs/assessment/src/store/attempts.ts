import type { Page } from '@lyceum/graphql';
import { Prisma, type Attempt, type AttemptState } from './generated/client.ts';
import { orderOf, placeOf } from './place.ts';
import type { Connection } from './store.ts';

export type { Attempt };

/** Whose attempts are asked for. */
export interface AttemptScope {
  readonly organisationId: string;
  /** Those of some learners, and those in some courses; absent: all of the organisation. */
  readonly only?: { readonly learnerIds: readonly string[]; readonly courseIds: readonly string[] };
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

export function attemptStore(db: Connection) {
  return {
    selectMany: (scope: AttemptScope, ids: readonly string[]) =>
      db.attempt.findMany({ where: { AND: [within(scope), { id: { in: [...ids] } }] } }),

    /** One page of attempts, in the order in which they began. */
    selectPage: (scope: AttemptScope, filter: AttemptFilter, page: Page) =>
      db.attempt.findMany({
        where: { AND: [within(scope), matching(filter), { id: placeOf(page) }] },
        ...orderOf(page),
      }),

    count: (scope: AttemptScope, filter: AttemptFilter) =>
      db.attempt.count({ where: { AND: [within(scope), matching(filter)] } }),

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
    selectLocked: async (
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

function within({ organisationId, only }: AttemptScope): Prisma.AttemptWhereInput {
  if (only === undefined) return { organisationId };
  const learnerId = { in: [...only.learnerIds] };
  if (only.courseIds.length === 0) return { organisationId, learnerId };
  return { organisationId, OR: [{ learnerId }, { courseId: { in: [...only.courseIds] } }] };
}

function matching({ assessmentId, learnerId, state }: AttemptFilter): Prisma.AttemptWhereInput {
  return {
    ...(assessmentId == null ? {} : { assessmentId }),
    ...(learnerId == null ? {} : { learnerId }),
    ...(state == null ? {} : { state }),
  };
}
