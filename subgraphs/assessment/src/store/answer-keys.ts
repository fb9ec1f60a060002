import type { AnswerKey } from '../domain/question-kinds.ts';
import type { Prisma } from './generated/client.ts';
import type { Connection } from './store.ts';

export interface AnswerKeyOfVersion {
  /** The version that it is the key of. */
  readonly id: string;
  readonly key: AnswerKey;
}

export function answerKeyStore(db: Connection) {
  return {
    selectMany: async (
      organisationId: string,
      versionIds: readonly string[],
    ): Promise<AnswerKeyOfVersion[]> => {
      const rows = await db.answerKey.findMany({
        where: { organisationId, versionId: { in: [...versionIds] } },
      });
      return rows.map(({ versionId, key }) => ({ id: versionId, key: key as unknown as AnswerKey }));
    },

    insert: (organisationId: string, versionId: string, key: AnswerKey) =>
      db.answerKey.create({
        data: { organisationId, versionId, key: key as unknown as Prisma.InputJsonObject },
      }),
  };
}
