import type { Page } from '@lyceum/graphql';
import type { AuditEvent, Prisma } from './generated/client.ts';
import type { Connection } from './store.ts';

export type { AuditEvent };

/** Which acts of an organisation; what is undefined does not matter. */
export interface AuditSelection {
  readonly organisationId: string;
  readonly actorId: string | undefined;
  readonly subjectId: string | undefined;
  readonly act: string | undefined;
  readonly outcome: string | undefined;
  readonly since: Date | undefined;
  readonly until: Date | undefined;
}

export function auditEventStore(db: Connection) {
  return {
    /** In that order, each linked to the one before; `events` are acts as JSON. */
    append: async (events: readonly string[]): Promise<void> => {
      await db.$executeRaw`
        SELECT audit_append(event) FROM unnest(${[...events]}::text[]) WITH ORDINALITY AS given (event, place)
        ORDER BY place`;
    },

    /** One page of an organisation's acts, the newest first. */
    selectPage: (selection: AuditSelection, page: Page) =>
      db.auditEvent.findMany({
        where: { ...matching(selection), sequence: placeOf(page) },
        orderBy: { sequence: page.backward ? 'asc' : 'desc' },
        take: page.limit,
      }),

    count: (selection: AuditSelection) => db.auditEvent.count({ where: matching(selection) }),

    /** Of one chain after a place in it, in its order. */
    selectManyAfter: (organisationId: string, sequence: bigint, limit: number) =>
      db.auditEvent.findMany({
        where: { organisationId, sequence: { gt: sequence } },
        orderBy: { sequence: 'asc' },
        take: limit,
      }),

    selectChains: () => db.auditChain.findMany({ orderBy: { organisationId: 'asc' } }),
  };
}

function matching(selection: AuditSelection): Prisma.AuditEventWhereInput {
  const { organisationId, actorId, subjectId, act, outcome, since, until } = selection;
  return {
    organisationId,
    ...(actorId === undefined ? {} : { actorId }),
    ...(subjectId === undefined ? {} : { subjectId }),
    ...(act === undefined ? {} : { act }),
    ...(outcome === undefined ? {} : { outcome }),
    ...(since || until
      ? { occurredAt: { ...(since ? { gte: since } : {}), ...(until ? { lt: until } : {}) } }
      : {}),
  };
}

/** The newest comes first: what is after a place in the list has a smaller number. */
function placeOf({ after, before }: Page): Prisma.BigIntFilter {
  return {
    ...(after ? { lt: sequenceOf(after[0]) } : {}),
    ...(before ? { gt: sequenceOf(before[0]) } : {}),
  };
}

/** Of a forged cursor: a place before all. */
function sequenceOf(value: unknown): bigint {
  return typeof value === 'string' && /^\d{1,18}$/.test(value) ? BigInt(value) : 0n;
}
