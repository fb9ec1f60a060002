import { conflict, isLogin, unauthenticated, type Viewer } from '@lyceum/service';
import type { MembershipInOrganisation } from '../store/memberships.ts';
import type { Organisation } from '../store/organisations.ts';
import type { Session } from '../store/sessions.ts';
import type { Database, Store } from '../store/store.ts';
import { actorOf, recordAct, recordActs, type AuditEntry } from './audit.ts';
import { passwordNeeded, switchRefused } from './errors.ts';
import type { Guesses } from './guesses.ts';
import type { LoginChallenges } from './login-challenges.ts';
import type { Login } from './logins.ts';
import { isTrusted, trust, trustedFrom } from './membership-trusts.ts';
import { passwordMatches } from './passwords.ts';
import type { Sessions } from './sessions.ts';

export interface SwitchWish {
  /** The slug. */
  readonly organisation: string;
  readonly password?: string | null | undefined;
}

export type SessionSwitches = ReturnType<typeof createSessionSwitches>;

/**
 * From one organisation of a person's into another, beside the login that they have. A password is one membership's
 * (docs/decisions/0010): being in the one proves nothing in the other, until both were shown (membership-trusts.ts).
 */
export function createSessionSwitches(options: {
  store: Database;
  sessions: Sessions;
  challenges: LoginChallenges;
  guesses: Guesses;
}) {
  const { store, sessions, challenges, guesses } = options;

  /** The login that asks, which must go on: an access token outlives it by minutes. @throws UNAUTHENTICATED */
  async function liveSession(tx: Store, viewer: Viewer): Promise<Session> {
    const { organisationId, userId, sessionId } = viewer;
    const session = await tx.sessions.selectOptionalOfUser(organisationId, userId, sessionId);
    const here = session && (await tx.memberships.selectOptionalOpen(organisationId, userId));
    const [organisation] = await tx.organisations.selectMany([organisationId]);
    const since = organisation?.sessionsFrom;
    if (!here || session.endedAt || (since && session.createdAt < since)) throw unauthenticated();
    return session;
  }

  /** Guessed at as in a login to it, so that both together gain nothing. @throws TOO_MANY_ATTEMPTS, CREDENTIALS_REFUSED */
  async function provePassword(
    viewer: Viewer,
    slug: string,
    password: string,
    to: MembershipInOrganisation | null,
  ): Promise<void> {
    const own = await store.memberships.selectOptional(viewer.organisationId, viewer.userId);
    const guess = await guesses.begin(`${own?.email ?? ''} ${slug}`);
    if (await passwordMatches(to?.passwordHash ?? null, password)) return guess.wasRight();
    // As many rows whether or not they belong to it: the time of the answer must not tell.
    const refused = { ...actIn(viewer.organisationId, viewer), refused: 'CREDENTIALS_REFUSED' };
    const there = { ...refused, act: 'session.create', organisationId: to?.organisationId ?? '' } as const;
    await recordActs(store, [refused, there]);
    throw switchRefused();
  }

  /** In the transaction of the switch, with both memberships held. */
  async function opened(
    tx: Store,
    viewer: Viewer,
    to: MembershipInOrganisation,
    wasProven: boolean,
  ): Promise<Login> {
    const session = await liveSession(tx, viewer);
    await tx.memberships.lockShared(session.organisationId, session.userId);
    const { organisationId, userId } = to;
    const known = await tx.memberships.lockShared(organisationId, userId);
    if (known?.passwordHash !== to.passwordHash) throw switchRefused();
    if (!wasProven && !(await isTrusted(tx, session, { organisationId, userId }))) throw passwordNeeded();
    const { secondFactorRequired } = to.organisation;
    const membership = { organisationId, userId, passwordHash: to.passwordHash, secondFactorRequired };
    // What is trusted is the password; a second factor is shown each time, as in a login.
    const challenge = await challenges.begin(tx, membership, ['pwd'], {
      switchedFrom: wasProven ? session.id : null,
    });
    const left = () => recordAct(tx, actIn(session.organisationId, viewer));
    if (challenge) {
      await left();
      return { challenge };
    }
    // Two who switch to and fro would wait for each other's log: it is written in the order of the ids.
    const leftFirst = session.organisationId < organisationId;
    if (leftFirst) await left();
    const tokens = await sessions.open(tx, { organisationId, userId }, known, ['pwd']);
    if (wasProven) await trust(tx, session, { organisationId, userId });
    if (!leftFirst) await left();
    return { tokens };
  }

  return {
    /**
     * Tokens in another organisation, or what it wants beside the password. Who does not belong to it is told the same as
     * who gives a wrong password, or none.
     *
     * @throws UNAUTHENTICATED, CONFLICT, PASSWORD_NEEDED, TOO_MANY_ATTEMPTS, CREDENTIALS_REFUSED
     */
    async to(viewer: Viewer, { organisation: slug, password }: SwitchWish): Promise<Login> {
      await liveSession(store, viewer);
      const to = await store.memberships.selectOptionalBySlug(viewer.userId, slug);
      if (to?.organisationId === viewer.organisationId)
        throw conflict('You are logged in to this organisation.', ['input', 'organisation']);
      if (password != null) await provePassword(viewer, slug, password, to);
      if (!to) throw passwordNeeded();
      return store.transaction((tx) => opened(tx, viewer, to, password != null));
    },

    /** The viewer's, and those into which they may switch without a password: of others nobody here learns. */
    async organisationsOf(viewer: Viewer): Promise<Organisation[]> {
      const session = isLogin(viewer)
        ? await store.sessions.selectOptionalOfUser(viewer.organisationId, viewer.userId, viewer.sessionId)
        : null;
      const others = session && !session.endedAt ? await trustedFrom(store, session) : [];
      const found = await store.organisations.selectMany([viewer.organisationId, ...others]);
      return found.sort((one, other) => (one.slug < other.slug ? -1 : 1));
    },
  };
}

/** Neither organisation's log names the other: who belongs where is nobody's business there. */
const actIn = (organisationId: string, viewer: Viewer): AuditEntry => ({
  act: 'session.switch',
  by: actorOf(viewer),
  organisationId,
  subjectId: viewer.userId,
});
