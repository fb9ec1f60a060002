import type { Page } from '@lyceum/graphql';
import type { Session } from './generated/client.ts';
import { placeOf } from './place-of.ts';
import type { Connection } from './store.ts';

export type { Session };

/** Of a person in an organisation: those that were used since. */
export interface LiveSessions {
  readonly organisationId: string;
  readonly userId: string;
  readonly usedSince: Date;
}

/** By which provider, and in which session there, a login was made; of its own sessions an organisation has none. */
export interface LoginSource {
  readonly providerId: string | null;
  readonly providerSession: string | null;
}

/** Sessions that a provider began: all, one person's, or those of one session there. */
export interface SessionsOfProvider {
  readonly organisationId: string;
  readonly providerId: string;
  readonly userId?: string;
  readonly providerSession?: string;
}

export function sessionStore(db: Connection) {
  return {
    /** The session of a refresh token, which is all that its bearer shows: it names the organisation. */
    selectOptional: (id: string) => db.session.findUnique({ where: { id } }),

    selectOptionalOfUser: (organisationId: string, userId: string, id: string) =>
      db.session.findFirst({ where: { id, organisationId, userId } }),

    /** One page of a person's sessions in an organisation that were used since, in the order in which they began. */
    selectPageOfUser: ({ organisationId, userId, usedSince }: LiveSessions, page: Page) =>
      db.session.findMany({
        where: { organisationId, userId, endedAt: null, lastUsedAt: { gt: usedSince }, id: placeOf(page) },
        orderBy: { id: page.backward ? 'desc' : 'asc' },
        take: page.limit,
      }),

    countOfUser: ({ organisationId, userId, usedSince }: LiveSessions) =>
      db.session.count({ where: { organisationId, userId, endedAt: null, lastUsedAt: { gt: usedSince } } }),

    insert: (session: {
      id: string;
      userId: string;
      organisationId: string;
      methods: string[];
      clientAddress: string | null;
      userAgent: string | null;
      providerId: string | null;
      providerSession: string | null;
    }) => db.session.create({ data: session }),

    updateMethods: (organisationId: string, id: string, methods: string[]) =>
      db.session.update({ where: { id, organisationId }, data: { methods } }),

    /** 1 where the session goes on, 0 where it has ended. */
    updateLastUsed: async (organisationId: string, id: string, lastUsedAt: Date) => {
      const where = { id, organisationId, endedAt: null };
      const { count } = await db.session.updateMany({ where, data: { lastUsedAt } });
      return count;
    },

    /** Ends the session; one that has ended keeps its time. Answers those that it ended. */
    updateEnded: (organisationId: string, id: string) =>
      db.session.updateManyAndReturn({
        where: { id, organisationId, endedAt: null },
        data: { endedAt: new Date() },
      }),

    /** Ends those sessions, but for one. Answers those that it ended. */
    updateEndedOfUser: ({ organisationId, userId, usedSince }: LiveSessions, spared: string | undefined) => {
      const others = spared === undefined ? {} : { id: { not: spared } };
      return db.session.updateManyAndReturn({
        where: { organisationId, userId, endedAt: null, lastUsedAt: { gt: usedSince }, ...others },
        data: { endedAt: new Date() },
      });
    },

    /** Whose sessions of a provider's have not ended. */
    selectUserIdsOfProvider: async (sessions: SessionsOfProvider): Promise<string[]> => {
      const where = { ...sessions, endedAt: null };
      const found = await db.session.findMany({ where, distinct: ['userId'], select: { userId: true } });
      return found.map(({ userId }) => userId);
    },

    /** Ends those sessions. Answers those that it ended. */
    updateEndedOfProvider: (sessions: SessionsOfProvider) =>
      db.session.updateManyAndReturn({
        where: { ...sessions, endedAt: null },
        data: { endedAt: new Date() },
      }),

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
