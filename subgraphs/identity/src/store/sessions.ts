import type { Session } from './generated/client.ts';
import type { Connection } from './store.ts';

export type { Session };

export function sessionStore(db: Connection) {
  return {
    /** The session of a refresh token, which is all that its bearer shows: it names the organisation. */
    selectOptional: (id: string) => db.session.findUnique({ where: { id } }),

    selectOptionalOfUser: (organisationId: string, userId: string, id: string) =>
      db.session.findFirst({ where: { id, organisationId, userId } }),

    insert: (session: { id: string; userId: string; organisationId: string }) =>
      db.session.create({ data: session }),

    /** Marks the session as used now. */
    updateLastUsed: (organisationId: string, id: string) =>
      db.session.update({ where: { id, organisationId }, data: { lastUsedAt: new Date() } }),

    /** Ends the session; one that has ended keeps its time. */
    updateEnded: (organisationId: string, id: string) =>
      db.session.updateMany({ where: { id, organisationId, endedAt: null }, data: { endedAt: new Date() } }),

    selectRefreshTokenOptional: (hash: string) => db.refreshToken.findUnique({ where: { hash } }),

    insertRefreshToken: (token: { hash: string; sessionId: string; expiresAt: Date }) =>
      db.refreshToken.create({ data: token }),

    /** Spends a token: 1 where this call did it, 0 where it was spent, old or unknown. */
    updateRefreshTokenSpent: async (hash: string) => {
      const now = new Date();
      const { count } = await db.refreshToken.updateMany({
        where: { hash, spentAt: null, expiresAt: { gt: now } },
        data: { spentAt: now },
      });
      return count;
    },
  };
}
