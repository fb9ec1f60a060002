import type { Answer } from '../domain/question-kinds.ts';
import { Prisma, type Correctness, type Response as ResponseRow } from './generated/client.ts';
import { versionOf, type QuestionVersion } from './questions.ts';
import type { Connection } from './store.ts';

/** A question of an attempt: the version that is pinned, the answer so far and, once graded, its result. */
export interface Response extends Omit<ResponseRow, 'answer'> {
  readonly answer: Answer | null;
  readonly version: QuestionVersion;
}

/** How a response was graded. */
export interface ResponseGrade {
  readonly position: number;
  readonly correctness: Correctness;
  readonly score: number;
  readonly feedback: readonly string[];
}

export function responseStore(db: Connection) {
  return {
    /** The questions of these attempts, in the order in which they were pinned. */
    selectManyOfAttempts: async (
      organisationId: string,
      attemptIds: readonly string[],
    ): Promise<Response[]> => {
      const rows = await db.response.findMany({
        where: { organisationId, attemptId: { in: [...attemptIds] } },
        include: { version: true },
        orderBy: [{ attemptId: 'asc' }, { position: 'asc' }],
      });
      return rows.map(responseOf);
    },

    selectOptional: async (
      organisationId: string,
      attemptId: string,
      questionId: string,
    ): Promise<Response | null> => {
      const row = await db.response.findUnique({
        where: { attemptId_questionId: { attemptId, questionId }, organisationId },
        include: { version: true },
      });
      return row && responseOf(row);
    },

    /** Pins what the assessment asks now, in its order; answers how many questions that are. */
    insertPinned: (attempt: { id: string; organisationId: string; assessmentId: string }) => db.$executeRaw`
      INSERT INTO response (attempt_id, position, organisation_id, question_id, version_id)
      SELECT ${attempt.id}, position, organisation_id, id, version_id FROM question
      WHERE assessment_id = ${attempt.assessmentId}
        AND organisation_id = ${attempt.organisationId}
        AND position IS NOT NULL`,

    /** Keeps an answer, or takes it back where it is null. */
    updateAnswer: (organisationId: string, attemptId: string, questionId: string, answer: Answer | null) =>
      db.response.update({
        where: { attemptId_questionId: { attemptId, questionId }, organisationId },
        data: {
          answer: answer === null ? Prisma.DbNull : (answer as unknown as Prisma.InputJsonObject),
          answeredAt: answer === null ? null : new Date(),
        },
      }),

    /** Keeps the grades of an attempt's responses, in one query. */
    updateGrades: (organisationId: string, attemptId: string, grades: readonly ResponseGrade[]) =>
      db.$executeRaw`
      UPDATE response
      SET correctness = grade.correctness::correctness, score = grade.score, feedback = grade.feedback
      FROM jsonb_to_recordset(${JSON.stringify(grades)}::jsonb)
        AS grade(position int, correctness text, score double precision, feedback text[])
      WHERE response.organisation_id = ${organisationId}
        AND response.attempt_id = ${attemptId}
        AND response.position = grade.position`,
  };
}

function responseOf({
  version,
  answer,
  ...row
}: Prisma.ResponseGetPayload<{ include: { version: true } }>): Response {
  return { ...row, answer: answer as unknown as Answer | null, version: versionOf(version) };
}
