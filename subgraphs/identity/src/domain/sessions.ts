import type { Page } from '@lyceum/graphql';
import { currentRequest, newId, newSecret, notFound, type Viewer } from '@lyceum/service';
import type { IdentityEvents } from '../events/identity-events.ts';
import type {
  LiveSessions,
  LoginSource,
  NewRefreshToken,
  NewSession,
  Session,
  SessionsOfProvider,
} from '../store/sessions.ts';
import type { Database, Store } from '../store/store.ts';
import type { AccessTokens } from './access-tokens.ts';
import { actorOf, recordAct, type Actor, type AuditEntry } from './audit.ts';
import { dayMs } from './durations.ts';
import { sessionEnded } from './errors.ts';
import { heldNames } from './held-names.ts';
import type { LoginMethod } from './login-methods.ts';
import { hashSecret } from './secrets.ts';
import { settingsNow } from './settings/organisation-settings.ts';

export interface SessionTokens {
  readonly accessToken: string;
  readonly expiresAt: Date;
  readonly refreshToken: string;
}

/** What is needed of a session that goes on. */
type OpenSession = Pick<NewSession, 'id' | 'userId' | 'organisationId' | 'methods'>;

type Person = Pick<Viewer, 'organisationId' | 'userId'>;

export type Sessions = ReturnType<typeof createSessions>;

export interface SessionsOptions {
  readonly store: Database;
  readonly events: IdentityEvents;
  readonly accessTokens: AccessTokens;
  /** How long an unused session lasts. */
  readonly days: number;
  /** How long after its exchange a refresh token is still exchanged. */
  readonly leewaySeconds: number;
}

/** Being logged in: from the first tokens to the end. */
export function createSessions(options: SessionsOptions) {
  const { store, events, accessTokens } = options;
  const lifetime = options.days * dayMs;

  function newRefreshToken(): { refreshToken: string; kept: NewRefreshToken } {
    const refreshToken = newSecret('lyr');
    const expiresAt = new Date(Date.now() + lifetime);
    return { refreshToken, kept: { hash: hashSecret(refreshToken), expiresAt } };
  }

  /** @throws SESSION_ENDED where the person has no role */
  async function accessToken(tx: Store, session: OpenSession, known: { roles: string[] } | null) {
    const roles = known?.roles ?? [];
    if (roles.length === 0) throw sessionEnded();
    const { id: sessionId, userId, organisationId, methods } = session;
    const held = await heldNames(tx, session, roles);
    return accessTokens.sign({ sessionId, userId, organisationId, held, methods });
  }

  const liveSessions = ({ organisationId, userId }: Person, lasts = lifetime): LiveSessions => {
    return { organisationId, userId, usedSince: new Date(Date.now() - lasts) };
  };

  /** Those that are listed: what a suspension of the organisation ended is still to be marked. */
  const listedSessions = async (person: Person): Promise<LiveSessions> => {
    const [organisation] = await store.organisations.selectMany([person.organisationId]);
    const lasts = await lifetimeIn(store, person.organisationId);
    return { ...liveSessions(person, lasts), begunFrom: organisation?.sessionsFrom ?? undefined };
  };

  /** Ends a person's sessions in an organisation, but for one, as part of what `tx` does. Answers how many. */
  const endAll = async (tx: Store, person: Person, spared?: string): Promise<number> => {
    const ended = await tx.sessions.updateEndedOfUser(liveSessions(person), spared);
    await events.sessionsEnded(tx, ended, accessTokens.allOver());
    return ended.length;
  };

  /** Ends sessions that a provider began, as part of what `tx` does. Answers how many. */
  const endOfProvider = async (tx: Store, sessions: SessionsOfProvider): Promise<number> => {
    const ended = await tx.sessions.updateEndedOfProvider(sessions);
    await events.sessionsEnded(tx, ended, accessTokens.allOver());
    return ended.length;
  };

  /** Whether this call ended it. */
  async function endOne(tx: Store, { organisationId, id }: Session): Promise<boolean> {
    const ended = await tx.sessions.updateEnded(organisationId, id);
    await events.sessionsEnded(tx, ended, accessTokens.allOver());
    return ended.length > 0;
  }

  /**
   * A new session of a membership that is held, and which `known` says how it is, as part of what `tx` does.
   *
   * @param source of single sign-on: the provider, which can end it
   * @throws SESSION_ENDED where the person has no role
   */
  async function open(
    tx: Store,
    { organisationId, userId }: Person,
    known: { roles: string[] },
    methods: LoginMethod[],
    source: LoginSource = noProvider,
  ): Promise<SessionTokens> {
    const { client } = currentRequest() ?? {};
    const from = { clientAddress: client?.address ?? null, userAgent: client?.userAgent ?? null };
    const id = newId('session');
    const { providerId, providerSession } = source;
    const session = { id, userId, organisationId, methods, ...from, providerId, providerSession };
    const signed = await accessToken(tx, session, known);
    const { refreshToken, kept } = newRefreshToken();
    await tx.sessions.insert(session, kept);
    const changes = { methods: [null, methods] } as const;
    await recordSession(tx, 'session.create', session, { by: personOf(session), changes });
    return { ...signed, refreshToken };
  }

  /**
   * A session without a second factor ends where the organisation requires one since; all that there were end where it
   * was suspended since.
   *
   * @throws SESSION_ENDED
   */
  async function requireOrganisationsLeave(tx: Store, session: Session): Promise<void> {
    const [organisation] = await tx.organisations.selectMany([session.organisationId]);
    if (organisation?.sessionsFrom && session.createdAt < organisation.sessionsFrom) throw sessionEnded();
    if (organisation?.secondFactorRequired && !session.methods.includes('mfa')) throw sessionEnded();
  }

  /** How long an unused session of the organisation's lasts: as it says, within the platform's. */
  async function lifetimeIn(tx: Store, organisationId: string): Promise<number> {
    const { sessionDays } = await settingsNow(tx, organisationId);
    return Math.min(lifetime, sessionDays * dayMs);
  }

  /** As the organisation has it now, also where that is less than when the session began. @throws SESSION_ENDED */
  async function requireRecent(tx: Store, { organisationId, lastUsedAt }: Session): Promise<void> {
    const lasts = await lifetimeIn(tx, organisationId);
    if (lastUsedAt.getTime() + lasts <= Date.now()) throw sessionEnded();
  }

  /** Was it spent by this call, or just now by another? */
  async function spend(tx: Store, hash: string): Promise<boolean> {
    if ((await tx.sessions.updateRefreshTokenSpent(hash)) === 1) return true;
    const token = await tx.sessions.selectRefreshTokenOptional(hash);
    const since = Date.now() - options.leewaySeconds * 1_000;
    return token?.spentAt != null && token.spentAt.getTime() > since;
  }

  async function endReused(session: Session): Promise<void> {
    await store.transaction(async (tx) => {
      await endOne(tx, session);
      const refused = 'REFRESH_TOKEN_REUSED';
      await recordSession(tx, 'session.refresh', session, { by: personOf(session), refused });
    });
  }

  return {
    page: async (viewer: Viewer, page: Page) =>
      store.sessions.selectPageOfUser(await listedSessions(viewer), page),

    count: async (viewer: Viewer) => store.sessions.countOfUser(await listedSessions(viewer)),

    /** When a session ends unless it is used before: as many days after as the organisation's settings say. */
    expiryOf: ({ lastUsedAt }: Session, { sessionDays }: { sessionDays: number }): Date =>
      new Date(lastUsedAt.getTime() + Math.min(lifetime, sessionDays * dayMs)),

    /**
     * Spends a refresh token for new tokens. One that was spent before ends its whole session: either the thief or the
     * victim holds the other copy (RFC 9700, 4.14.2). Two tabs of one browser may spend it at the same moment: for
     * some seconds it is exchanged again.
     *
     * @throws SESSION_ENDED
     */
    async refresh(refreshToken: string): Promise<SessionTokens> {
      const hash = hashSecret(refreshToken);
      const token = await store.sessions.selectRefreshTokenOptional(hash);
      const session = token && (await store.sessions.selectOptional(token.sessionId));
      if (!session || session.endedAt || token.expiresAt <= new Date()) throw sessionEnded();
      const { id, organisationId, userId } = session;
      const tokens = await store.transaction(async (tx) => {
        if (!(await spend(tx, hash))) return undefined;
        await requireRecent(tx, session);
        await requireOrganisationsLeave(tx, session);
        // It may have been ended since it was read.
        if ((await tx.sessions.updateLastUsed(organisationId, id, new Date())) === 0) throw sessionEnded();
        const known = await tx.memberships.selectOptionalOpen(organisationId, userId);
        const signed = await accessToken(tx, session, known);
        const { refreshToken: next, kept } = newRefreshToken();
        await tx.sessions.insertRefreshToken(id, kept);
        return { ...signed, refreshToken: next };
      });
      if (!tokens) await endReused(session);
      return tokens ?? ended();
    },

    /** Ends one of the viewer's own sessions in the organisation. @throws NOT_FOUND */
    async revoke(viewer: Viewer, sessionId: string | null | undefined): Promise<string> {
      const { organisationId, userId } = viewer;
      const id = sessionId ?? viewer.sessionId;
      const session = await store.sessions.selectOptionalOfUser(organisationId, userId, id);
      if (!session) throw notFound('session', id, ['input', 'sessionId']);
      await store.transaction(async (tx) => {
        if (await endOne(tx, session))
          await recordSession(tx, 'session.revoke', session, { by: actorOf(viewer) });
      });
      return id;
    },

    /** Ends the viewer's sessions in the organisation, or all but the one that asks. Answers how many. */
    revokeAll: (viewer: Viewer, keepCurrent: boolean): Promise<number> =>
      store.transaction(async (tx) => {
        const { organisationId, userId: subjectId } = viewer;
        const count = await endAll(tx, viewer, keepCurrent ? viewer.sessionId : undefined);
        await recordAct(tx, { act: 'session.revoke-all', by: actorOf(viewer), organisationId, subjectId });
        return count;
      }),

    open,

    endAll,

    endOfProvider,
  };
}

const noProvider: LoginSource = { providerId: null, providerSession: null };

/** @throws SESSION_ENDED */
function ended(): never {
  throw sessionEnded();
}

const personOf = ({ userId: id, id: sessionId }: OpenSession): Actor => ({ kind: 'USER', id, sessionId });

function recordSession(
  tx: Store,
  act: 'session.create' | 'session.refresh' | 'session.revoke',
  { id: subjectId, organisationId }: OpenSession,
  how: Pick<AuditEntry, 'by' | 'refused' | 'changes'>,
): Promise<void> {
  return recordAct(tx, { act, organisationId, subjectId, ...how });
}
