import type { Page } from '@lyceum/graphql';
import { currentRequest, newId, newSecret, notFound, type Viewer } from '@lyceum/service';
import type { IdentityEvents } from '../events/identity-events.ts';
import type { LiveSessions, LoginSource, Session, SessionsOfProvider } from '../store/sessions.ts';
import type { Database, Store } from '../store/store.ts';
import type { AccessTokens } from './access-tokens.ts';
import { actorOf, recordAct, type Actor, type AuditEntry } from './audit.ts';
import { dayMs } from './durations.ts';
import { sessionEnded } from './errors.ts';
import { heldNames } from './held-names.ts';
import type { LoginMethod } from './login-methods.ts';
import { hashSecret } from './secrets.ts';

export interface SessionTokens {
  readonly accessToken: string;
  readonly expiresAt: Date;
  readonly refreshToken: string;
}

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

  async function issue(
    tx: Store,
    session: Session,
    known: { roles: string[] } | null,
  ): Promise<SessionTokens> {
    const roles = known?.roles ?? [];
    if (roles.length === 0) throw sessionEnded();
    const { id: sessionId, userId, organisationId, methods } = session;
    const refreshToken = newSecret('lyr');
    const expiresAt = new Date(Date.now() + lifetime);
    await tx.sessions.insertRefreshToken({ hash: hashSecret(refreshToken), sessionId, expiresAt });
    const held = await heldNames(tx, session, roles);
    const signed = await accessTokens.sign({ sessionId, userId, organisationId, held, methods });
    return { ...signed, refreshToken };
  }

  const liveSessions = ({ organisationId, userId }: Person): LiveSessions => {
    return { organisationId, userId, usedSince: new Date(Date.now() - lifetime) };
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
    const row = { id, userId, organisationId, methods, ...from, providerId, providerSession };
    const session = await tx.sessions.insert(row);
    const tokens = await issue(tx, session, known);
    const changes = { methods: [null, methods] } as const;
    await recordSession(tx, 'session.create', session, { by: personOf(session), changes });
    return tokens;
  }

  /** A session without a second factor ends where the organisation requires one since. @throws SESSION_ENDED */
  async function requireEnoughFactors(tx: Store, { organisationId, methods }: Session): Promise<void> {
    if (methods.includes('mfa')) return;
    const [organisation] = await tx.organisations.selectMany([organisationId]);
    if (organisation?.secondFactorRequired) throw sessionEnded();
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
    page: (viewer: Viewer, page: Page) => store.sessions.selectPageOfUser(liveSessions(viewer), page),

    count: (viewer: Viewer) => store.sessions.countOfUser(liveSessions(viewer)),

    /** When a session ends unless it is used before: with its newest refresh token. */
    expiryOf: ({ lastUsedAt }: Session): Date => new Date(lastUsedAt.getTime() + lifetime),

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
        await requireEnoughFactors(tx, session);
        // It may have been ended since it was read.
        if ((await tx.sessions.updateLastUsed(organisationId, id, new Date())) === 0) throw sessionEnded();
        return issue(tx, session, await tx.memberships.selectOptional(organisationId, userId));
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

const personOf = ({ userId: id, id: sessionId }: Session): Actor => ({ kind: 'USER', id, sessionId });

function recordSession(
  tx: Store,
  act: 'session.create' | 'session.refresh' | 'session.revoke',
  { id: subjectId, organisationId }: Session,
  how: Pick<AuditEntry, 'by' | 'refused' | 'changes'>,
): Promise<void> {
  return recordAct(tx, { act, organisationId, subjectId, ...how });
}
