import type { Database, Store } from '../store/store.ts';
import { credentialsRefused, organisationNeeded } from './errors.ts';
import type { Challenge, LoginChallenges } from './login-challenges.ts';
import { passwordMatches } from './passwords.ts';
import type { Sessions, SessionTokens } from './sessions.ts';

/** Tokens, or what is wanted beside the password. */
export interface Login {
  readonly tokens?: SessionTokens;
  readonly challenge?: Challenge;
}

export type Logins = ReturnType<typeof createLogins>;

/** Logging in with a password. */
export function createLogins(options: { store: Database; sessions: Sessions; challenges: LoginChallenges }) {
  const { store, sessions, challenges } = options;
  return {
    /** @throws CREDENTIALS_REFUSED, ORGANISATION_NEEDED */
    async withPassword(input: {
      email: string;
      password: string;
      organisation?: string | null | undefined;
    }): Promise<Login> {
      const memberships = await store.memberships.selectManyByEmail(input.email.trim().toLowerCase());
      const named = memberships.filter(
        ({ organisation }) => !input.organisation || organisation.slug === input.organisation,
      );
      const opened = theOnly(await openedBy(input.password, named));
      const { userId, organisationId, passwordHash, organisation } = opened;
      return store.transaction(async (tx) => {
        // A change of the password ends the sessions that are there: none may begin beside it with the old one.
        const known = await tx.memberships.lockShared(organisationId, userId);
        if (passwordHash === null || known?.passwordHash !== passwordHash) throw credentialsRefused();
        const { secondFactorRequired } = organisation;
        const membership = { organisationId, userId, passwordHash, secondFactorRequired };
        const challenge = await challenges.begin(tx, membership);
        if (challenge) return { challenge };
        return { tokens: await sessions.open(tx, { organisationId, userId }, known, ['pwd']) };
      });
    },
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
