import type { Page } from '@lyceum/graphql';
import type { RefreshToken, Session } from './generated/client.ts';
import { placeOf } from './place-of.ts';
import type { Connection } from './store.ts';

export type { Session };

/** Of a person in an organisation: those that were used since. */
export interface LiveSessions {
  readonly organisationId: string;
  readonly userId: string;
  readonly usedSince: Date;
  /** Those that began before have ended. */
  readonly begunFrom?: Date | undefined;
}

/** What of a person's is live. */
function conditionOf({ organisationId, userId, usedSince, begunFrom }: LiveSessions) {
  const begun = begunFrom === undefined ? {} : { createdAt: { gte: begunFrom } };
  return { organisationId, userId, endedAt: null, lastUsedAt: { gt: usedSince }, ...begun };
}

export type NewSession = Pick<
  Session,
  | 'id'
  | 'userId'
  | 'organisationId'
  | 'methods'
  | 'clientAddress'
  | 'userAgent'
  | 'providerId'
  | 'providerSession'
>;

export type NewRefreshToken = Pick<RefreshToken, 'hash' | 'expiresAt'>;

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
    selectPageOfUser: (live: LiveSessions, page: Page) =>
      db.session.findMany({
        where: { ...conditionOf(live), id: placeOf(page) },
        orderBy: { id: page.backward ? 'desc' : 'asc' },
        take: page.limit,
      }),

    countOfUser: (live: LiveSessions) => db.session.count({ where: conditionOf(live) }),

    /** A session and its first refresh token, in one statement: each login waits for it. */
    insert: async (session: NewSession, token: NewRefreshToken): Promise<void> => {
      await db.$executeRaw`
        WITH begun AS (
          INSERT INTO session (id, user_id, organisation_id, methods, client_address, user_agent,
            provider_id, provider_session)
          VALUES (${session.id}, ${session.userId}, ${session.organisationId}, ${session.methods},
            ${session.clientAddress}, ${session.userAgent}, ${session.providerId}, ${session.providerSession})
          RETURNING id
        )
        INSERT INTO refresh_token (hash, session_id, expires_at)
        SELECT ${token.hash}, id, ${token.expiresAt}::timestamptz FROM begun`;
    },

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
    updateEndedOfUser: (live: LiveSessions, spared: string | undefined) => {
      const others = spared === undefined ? {} : { id: { not: spared } };
      return db.session.updateManyAndReturn({
        where: { ...conditionOf(live), ...others },
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

    insertRefreshToken: (sessionId: string, token: NewRefreshToken) =>
      db.refreshToken.create({ data: { ...token, sessionId } }),

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
