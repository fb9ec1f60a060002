import type { Connection } from './database.ts';
import type { StoreRetention as RetentionRow } from './generated/client.ts';

/** Statements that are dropped: those that were stored longer ago, of one verb or activity where it names one. */
export interface RetentionRule {
  readonly days: number;
  /** IRIs. */
  readonly verb?: string;
  readonly activity?: string;
}

/** How long an organisation keeps its statements. */
export interface StoreRetention extends Omit<RetentionRow, 'rules'> {
  readonly rules: readonly RetentionRule[];
}

export function storeRetentionStore(db: Connection) {
  return {
    selectOptional: async (organisationId: string): Promise<StoreRetention | undefined> => {
      const row = await db.storeRetention.findUnique({ where: { organisationId } });
      return row ? retentionOf(row) : undefined;
    },

    upsert: async ({ organisationId, rules, ...said }: Omit<StoreRetention, 'updatedAt'>) => {
      const data = { ...said, rules: rules.map((rule) => ({ ...rule })), updatedAt: new Date() };
      const row = await db.storeRetention.upsert({
        where: { organisationId },
        create: { organisationId, ...data },
        update: data,
      });
      return retentionOf(row);
    },

    delete: (organisationId: string) => db.storeRetention.deleteMany({ where: { organisationId } }),

    /** Of whichever organisation, one whose time has come; held until the transaction ends, and by nobody else. */
    lockDue: async (now: Date): Promise<StoreRetention | undefined> => {
      const [row] = await db.$queryRaw<{ organisationId: string }[]>`
        SELECT organisation_id AS "organisationId" FROM store_retention WHERE next_run_at <= ${now}
        ORDER BY next_run_at LIMIT 1 FOR UPDATE SKIP LOCKED`;
      return row && retentionOf(await db.storeRetention.findUniqueOrThrow({ where: row }));
    },

    updateNextRun: (organisationId: string, nextRunAt: Date) =>
      db.storeRetention.update({ where: { organisationId }, data: { nextRunAt } }),
  };
}

function retentionOf({ rules, ...row }: RetentionRow): StoreRetention {
  return { ...row, rules: rules as unknown as RetentionRule[] };
}
