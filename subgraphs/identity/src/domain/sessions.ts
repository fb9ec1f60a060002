import type { Page } from '@lyceum/graphql';
import { newId, newSecret, notFound, type Role, type Viewer } from '@lyceum/service';
import type { IdentityEvents } from '../events/identity-events.ts';
import type { LiveSessions, Session } from '../store/sessions.ts';
import type { Database, Store } from '../store/store.ts';
import type { AccessTokens } from './access-tokens.ts';
import { credentialsRefused, organisationNeeded, sessionEnded } from './errors.ts';
import { passwordMatches } from './passwords.ts';
import { hashSecret } from './secrets.ts';

export interface SessionTokens {
  readonly accessToken: string;
  readonly expiresAt: Date;
  readonly refreshToken: string;
}

type Person = Pick<Viewer, 'organisationId' | 'userId'>;

export type Sessions = ReturnType<typeof createSessions>;

const millisecondsADay = 86_400_000;

/** Logging in, staying logged in, logging out. */
export function createSessions(options: {
  store: Database;
  events: IdentityEvents;
  accessTokens: AccessTokens;
  days: number;
}) {
  const { store, events, accessTokens } = options;
  const lifetime = options.days * millisecondsADay;

  async function issue(
    tx: Store,
    session: Session,
    known: { roles: string[] } | null,
  ): Promise<SessionTokens> {
    const roles = (known?.roles ?? []) as Role[];
    if (roles.length === 0) throw sessionEnded();
    const { id: sessionId, userId, organisationId } = session;
    const refreshToken = newSecret('lyr');
    const expiresAt = new Date(Date.now() + lifetime);
    await tx.sessions.insertRefreshToken({ hash: hashSecret(refreshToken), sessionId, expiresAt });
    const signed = await accessTokens.sign({ sessionId, userId, organisationId, roles });
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

  const end = ({ organisationId, id }: Pick<Session, 'organisationId' | 'id'>): Promise<void> =>
    store.transaction(async (tx) => {
      const ended = await tx.sessions.updateEnded(organisationId, id);
      await events.sessionsEnded(tx, ended, accessTokens.allOver());
    });

  return {
    page: (viewer: Viewer, page: Page) => store.sessions.selectPageOfUser(liveSessions(viewer), page),

    count: (viewer: Viewer) => store.sessions.countOfUser(liveSessions(viewer)),

    /** When a session ends unless it is used before: with its newest refresh token. */
    expiryOf: ({ lastUsedAt }: Session): Date => new Date(lastUsedAt.getTime() + lifetime),

    /** @throws CREDENTIALS_REFUSED, ORGANISATION_NEEDED */
    async create(input: {
      email: string;
      password: string;
      organisation?: string | null | undefined;
    }): Promise<SessionTokens> {
      const memberships = await store.memberships.selectManyByEmail(input.email.trim().toLowerCase());
      const named = memberships.filter(
        ({ organisation }) => !input.organisation || organisation.slug === input.organisation,
      );
      const { userId, organisationId, passwordHash } = theOnly(await openedBy(input.password, named));
      return store.transaction(async (tx) => {
        // A change of the password ends the sessions that are there: none may begin beside it with the old one.
        const known = await tx.memberships.lockShared(organisationId, userId);
        if (known?.passwordHash !== passwordHash) throw credentialsRefused();
        const session = await tx.sessions.insert({ id: newId('session'), userId, organisationId });
        return issue(tx, session, known);
      });
    },

    /**
     * Spends a refresh token for new tokens. One that was spent before ends its whole session: either the thief or the
     * victim holds the other copy (RFC 9700, 4.14.2).
     *
     * @throws SESSION_ENDED
     */
    async refresh(refreshToken: string): Promise<SessionTokens> {
      const hash = hashSecret(refreshToken);
      const token = await store.sessions.selectRefreshTokenOptional(hash);
      const session = token && (await store.sessions.selectOptional(token.sessionId));
      if (!session || session.endedAt) throw sessionEnded();
      const tokens = await store.transaction(async (tx) => {
        if ((await tx.sessions.updateRefreshTokenSpent(hash)) === 0) return undefined;
        const { organisationId, userId } = session;
        // It may have been ended since it was read.
        if ((await tx.sessions.updateLastUsed(organisationId, session.id, new Date())) === 0)
          throw sessionEnded();
        return issue(tx, session, await tx.memberships.selectOptional(organisationId, userId));
      });
      if (tokens) return tokens;
      await end(session);
      throw sessionEnded();
    },

    /** Ends one of the viewer's own sessions in the organisation. @throws NOT_FOUND */
    async revoke(viewer: Viewer, sessionId: string | null | undefined): Promise<string> {
      const { organisationId, userId } = viewer;
      const id = sessionId ?? viewer.sessionId;
      const session = await store.sessions.selectOptionalOfUser(organisationId, userId, id);
      if (!session) throw notFound('session', id, ['input', 'sessionId']);
      await end(session);
      return id;
    },

    /** Ends the viewer's sessions in the organisation, or all but the one that asks. Answers how many. */
    revokeAll: (viewer: Viewer, keepCurrent: boolean): Promise<number> =>
      store.transaction((tx) => endAll(tx, viewer, keepCurrent ? viewer.sessionId : undefined)),

    endAll,
  };
}

type Membership = Awaited<ReturnType<Store['memberships']['selectManyByEmail']>>[number];

/** The memberships that the password opens. Where there is none, the same work is done, and all of it at once. */
async function openedBy(password: string, memberships: readonly Membership[]): Promise<Membership[]> {
  const hashes = memberships.length === 0 ? [null] : memberships.map(({ passwordHash }) => passwordHash);
  const matches = await Promise.all(hashes.map((hash) => passwordMatches(hash, password)));
  return memberships.filter((_membership, place) => matches[place]);
}

/** @throws CREDENTIALS_REFUSED, ORGANISATION_NEEDED */
function theOnly(opened: readonly Membership[]): Membership {
  const [only, another] = opened;
  if (!only) throw credentialsRefused();
  if (another) throw organisationNeeded(opened.map(({ organisation }) => organisation.slug));
  return only;
}
