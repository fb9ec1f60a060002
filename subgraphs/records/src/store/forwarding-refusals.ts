import type { Page } from '@lyceum/graphql';
import type { Connection } from './database.ts';
import type { StatementForwardingRefusal } from './generated/client.ts';

export type ForwardingRefusal = StatementForwardingRefusal;

/** Of each forwarding so many are kept, the newest: another store may refuse all that it is sent. */
const kept = 10_000;

export function forwardingRefusalStore(db: Connection) {
  return {
    /** What was refused again is there once, as it was refused first. */
    insert: (rows: readonly ForwardingRefusal[]) =>
      db.statementForwardingRefusal.createMany({ data: [...rows], skipDuplicates: true }),

    deleteOld: (forwardingId: string) => db.$executeRaw`
      DELETE FROM statement_forwarding_refusal r USING (
        SELECT refused_at, statement_id FROM statement_forwarding_refusal WHERE forwarding_id = ${forwardingId}
        ORDER BY refused_at DESC, statement_id DESC LIMIT 1 OFFSET ${kept}) last
      WHERE r.forwarding_id = ${forwardingId} AND (r.refused_at, r.statement_id) <= (last.refused_at, last.statement_id)`,

    /** One page of a forwarding's, the newest first. Whose it is was asked before. */
    selectPage: (
      forwardingId: string,
      { after, before, backward, limit }: Page,
    ): Promise<ForwardingRefusal[]> => {
      const order = backward ? ('asc' as const) : ('desc' as const);
      return db.statementForwardingRefusal.findMany({
        where: { forwardingId, AND: [beyond(after, 'lt'), beyond(before, 'gt')] },
        orderBy: [{ refusedAt: order }, { statementId: order }],
        take: limit,
      });
    },

    count: (forwardingId: string) => db.statementForwardingRefusal.count({ where: { forwardingId } }),
  };
}

function beyond(key: Page['after'], than: 'lt' | 'gt') {
  if (!key) return {};
  const [at, statementId] = [new Date(String(key[0])), String(key[1])];
  return { OR: [{ refusedAt: { [than]: at } }, { refusedAt: at, statementId: { [than]: statementId } }] };
}
