import type { QuestionContent } from '../domain/question-kinds.ts';
import type { Prisma, Question, QuestionVersion as VersionRow } from './generated/client.ts';
import type { Connection } from './store.ts';

export type { Question };

/** A version of a question as everybody may see it: its key is not a part of it. */
export interface QuestionVersion extends Omit<VersionRow, 'content'> {
  readonly content: QuestionContent;
}

export function questionStore(db: Connection) {
  return {
    selectMany: (organisationId: string, ids: readonly string[]) =>
      db.question.findMany({ where: { organisationId, id: { in: [...ids] } } }),

    selectOptional: (organisationId: string, id: string) =>
      db.question.findFirst({ where: { organisationId, id } }),

    /** The questions that these assessments have now, in order. */
    selectManyOfAssessments: (organisationId: string, assessmentIds: readonly string[]) =>
      db.question.findMany({
        where: { organisationId, assessmentId: { in: [...assessmentIds] }, position: { not: null } },
        orderBy: [{ assessmentId: 'asc' }, { position: 'asc' }],
      }),

    insert: (question: {
      id: string;
      organisationId: string;
      assessmentId: string;
      position: number;
      versionId: string;
    }) => db.question.create({ data: question }),

    /** Makes another version the one that is asked. */
    updateVersion: (organisationId: string, id: string, versionId: string) =>
      db.question.update({ where: { id, organisationId }, data: { versionId } }),

    /** Takes a question out; the places of the others are closed up by {@link updateOrder}. */
    updateRemoved: (organisationId: string, id: string) =>
      db.question.update({ where: { id, organisationId }, data: { position: null } }),

    /** Gives the questions the places 1, 2, … in the order of `ids`. */
    updateOrder: (organisationId: string, assessmentId: string, ids: readonly string[]) => db.$executeRaw`
      UPDATE question SET position = wanted.position
      FROM unnest(${[...ids]}::text[]) WITH ORDINALITY AS wanted(id, position)
      WHERE question.id = wanted.id
        AND question.organisation_id = ${organisationId}
        AND question.assessment_id = ${assessmentId}`,

    selectManyVersions: async (organisationId: string, ids: readonly string[]): Promise<QuestionVersion[]> =>
      (await db.questionVersion.findMany({ where: { organisationId, id: { in: [...ids] } } })).map(versionOf),

    insertVersion: async (version: {
      id: string;
      organisationId: string;
      questionId: string;
      number: number;
      text: string;
      points: number;
      content: QuestionContent;
    }): Promise<QuestionVersion> => {
      const { content } = version;
      const data = { ...version, type: content.type, content: content as unknown as Prisma.InputJsonObject };
      return versionOf(await db.questionVersion.create({ data }));
    },
  };
}

/** The column holds what {@link questionStore} has put there: a checked content. */
export function versionOf(row: VersionRow): QuestionVersion {
  return { ...row, content: row.content as unknown as QuestionContent };
}
