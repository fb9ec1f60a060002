import type { Page } from '@lyceum/graphql';
import type { Connection } from './database.ts';
import type { Prisma, StatementForwarding as ForwardingRow } from './generated/client.ts';

export type ForwardingState = 'RUNNING' | 'WAITING' | 'PAUSED' | 'FAILING';
export type ForwardingVersion = '1.0.3' | '2.0.0';

/** Which statements are meant, as somebody said it, with the IRIs and the ids of users. */
export interface ForwardingFilter {
  readonly verbs: readonly string[];
  readonly activities: readonly string[];
  readonly actors: readonly string[];
  readonly registrations: readonly string[];
  readonly relatedActivities: boolean;
  readonly relatedAgents: boolean;
}

export interface StatementForwarding extends Omit<ForwardingRow, 'version' | 'filter' | 'state'> {
  readonly version: ForwardingVersion;
  readonly filter: ForwardingFilter;
  readonly state: ForwardingState;
}

export type NewForwarding = Pick<
  StatementForwarding,
  | 'id'
  | 'organisationId'
  | 'name'
  | 'endpoint'
  | 'version'
  | 'key'
  | 'secret'
  | 'filter'
  | 'since'
  | 'attachments'
  | 'createdBy'
>;

/** What somebody changes; what is absent stays. */
export type ForwardingChange = Partial<
  Pick<
    StatementForwarding,
    'name' | 'endpoint' | 'version' | 'key' | 'secret' | 'filter' | 'attachments' | 'enabled' | 'state'
  >
>;

/** How it goes, as the LRS tells it. */
export type ForwardingProgress = Pick<StatementForwarding, 'told' | 'sent' | 'refused'> &
  Partial<
    Pick<
      StatementForwarding,
      'state' | 'pending' | 'lagSeconds' | 'failure' | 'failingSince' | 'waitingUntil' | 'lastSuccessAt'
    >
  >;

export function statementForwardingStore(db: Connection) {
  return {
    selectMany: async (organisationId: string, ids: readonly string[]): Promise<StatementForwarding[]> =>
      (await db.statementForwarding.findMany({ where: { organisationId, id: { in: [...ids] } } })).map(
        forwardingOf,
      ),

    /** One page of an organisation's, the newest first. */
    selectPage: async (
      organisationId: string,
      { after, before, backward, limit }: Page,
    ): Promise<StatementForwarding[]> => {
      const rows = await db.statementForwarding.findMany({
        where: { organisationId, id: between(after, before) },
        orderBy: { id: backward ? 'asc' : 'desc' },
        take: limit,
      });
      return rows.map(forwardingOf);
    },

    count: (organisationId: string) => db.statementForwarding.count({ where: { organisationId } }),

    /** Until the transaction ends nobody else adds one to the organisation's. */
    lockOrganisation: async (organisationId: string): Promise<void> => {
      await db.$executeRaw`SELECT pg_advisory_xact_lock(hashtextextended('statement-forwarding ' || ${organisationId}, 0))`;
    },

    /** Undefined where the organisation has one of the name. */
    insertOptional: async ({
      filter,
      createdBy,
      ...rest
    }: NewForwarding): Promise<StatementForwarding | undefined> => {
      const data = { ...rest, filter: jsonOf(filter), createdBy, updatedBy: createdBy, ...begun };
      const [row] = await db.statementForwarding.createManyAndReturn({ data: [data], skipDuplicates: true });
      return row && forwardingOf(row);
    },

    /** One of the organisation's, held until the transaction ends. */
    lock: async (organisationId: string, id: string): Promise<StatementForwarding | undefined> => {
      const rows = await db.$queryRaw<unknown[]>`
        SELECT 1 FROM statement_forwarding WHERE organisation_id = ${organisationId} AND id = ${id} FOR UPDATE`;
      if (rows.length === 0) return undefined;
      return forwardingOf(await db.statementForwarding.findUniqueOrThrow({ where: { organisationId, id } }));
    },

    hasNamesake: async (organisationId: string, name: string, id: string): Promise<boolean> =>
      (await db.statementForwarding.count({ where: { organisationId, name, id: { not: id } } })) > 0,

    /** What is wanted otherwise from now on. What failed before says nothing of it. */
    update: async (
      { organisationId, id }: Pick<StatementForwarding, 'organisationId' | 'id'>,
      { filter, ...change }: ForwardingChange,
      updatedBy: string,
    ): Promise<StatementForwarding> => {
      const data = {
        ...change,
        ...(filter && { filter: jsonOf(filter) }),
        ...{ updatedBy, updatedAt: new Date(), revision: { increment: 1 } },
        ...{ failure: null, failingSince: null, waitingUntil: null },
      };
      return forwardingOf(await db.statementForwarding.update({ where: { organisationId, id }, data }));
    },

    updateProgress: async (
      { organisationId, id }: Pick<StatementForwarding, 'organisationId' | 'id'>,
      progress: ForwardingProgress,
    ): Promise<StatementForwarding> => {
      const data = { ...progress, heardAt: new Date() };
      return forwardingOf(await db.statementForwarding.update({ where: { organisationId, id }, data }));
    },

    delete: (organisationId: string, id: string) =>
      db.statementForwarding.deleteMany({ where: { organisationId, id } }),

    /** Of whichever organisation, those of which nothing was heard since then, and for which nobody has asked since. */
    selectManyUnheard: async (before: Date, limit: number): Promise<StatementForwarding[]> => {
      const where = { heardAt: { lt: before }, askedAt: { lt: before } };
      return (await db.statementForwarding.findMany({ where, orderBy: { heardAt: 'asc' }, take: limit })).map(
        forwardingOf,
      );
    },

    /** Whether nobody else has asked again since. */
    updateAsked: async ({ organisationId, id, askedAt }: StatementForwarding): Promise<boolean> => {
      const where = { organisationId, id, askedAt };
      return (await db.statementForwarding.updateMany({ where, data: { askedAt: new Date() } })).count === 1;
    },
  };
}

const begun = { enabled: true, revision: 1, state: 'RUNNING' };

const jsonOf = (filter: ForwardingFilter) => ({ ...filter }) as unknown as Prisma.InputJsonObject;

/** Ids are TypeIDs of one prefix: their order is that of their making, and the newest comes first. */
const between = (after: Page['after'], before: Page['before']): Prisma.StringFilter => ({
  ...(after ? { lt: String(after[0]) } : {}),
  ...(before ? { gt: String(before[0]) } : {}),
});

function forwardingOf({ version, filter, state, ...row }: ForwardingRow): StatementForwarding {
  return {
    ...row,
    version: version as ForwardingVersion,
    filter: filter as unknown as ForwardingFilter,
    state: state as ForwardingState,
  };
}
