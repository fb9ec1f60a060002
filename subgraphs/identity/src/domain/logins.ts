import type { MembershipOfAddress } from '../store/memberships.ts';
import type { Database } from '../store/store.ts';
import { recordAct, visitor } from './audit.ts';
import { credentialsRefused, organisationNeeded } from './errors.ts';
import type { Guesses } from './guesses.ts';
import type { Challenge, LoginChallenges } from './login-challenges.ts';
import { hashPassword, isOutdated, passwordMatches } from './passwords.ts';
import type { Sessions, SessionTokens } from './sessions.ts';

export interface PasswordLogin {
  readonly email: string;
  readonly password: string;
  readonly organisation?: string | null | undefined;
}

/** Tokens, or what is wanted beside the password. */
export interface Login {
  readonly tokens?: SessionTokens;
  readonly challenge?: Challenge;
}

export type Logins = ReturnType<typeof createLogins>;

/** Logging in with a password. */
export function createLogins(options: {
  store: Database;
  sessions: Sessions;
  challenges: LoginChallenges;
  guesses: Guesses;
}) {
  const { store, sessions, challenges, guesses } = options;

  /** The membership that the password opens, of those at which it was a guess. @throws CREDENTIALS_REFUSED, ORGANISATION_NEEDED */
  async function opened({ email, password, organisation: slug }: PasswordLogin) {
    const memberships = await store.memberships.selectManyByEmail(email);
    const named = memberships.filter(({ organisation }) => !slug || organisation.slug === slug);
    const found = await openedBy(password, named);
    if (found.length === 0) await recordRefusal(store, memberships[0]);
    return { membership: theOnly(found), guessedAt: named.length };
  }

  return {
    /** @throws TOO_MANY_ATTEMPTS, CREDENTIALS_REFUSED, ORGANISATION_NEEDED */
    async withPassword(input: PasswordLogin): Promise<Login> {
      const email = input.email.trim().toLowerCase();
      const guess = await guesses.begin(input.organisation ? `${email} ${input.organisation}` : email);
      const { membership, guessedAt } = await opened({ ...input, email });
      const { userId, organisationId, passwordHash, organisation } = membership;
      // The password of one organisation, which its administrator may know, forgives no guesses at another's.
      await (guessedAt === 1 ? guess.wasRight() : guess.giveBack());
      const renewed = isOutdated(passwordHash) ? await hashPassword(input.password) : undefined;
      return store.transaction(async (tx) => {
        // A change of the password ends the sessions that are there: none may begin beside it with the old one.
        const known = await tx.memberships.lockShared(organisationId, userId);
        if (passwordHash === null || known?.passwordHash !== passwordHash) throw credentialsRefused();
        const person = { organisationId, userId };
        if (renewed !== undefined) await tx.memberships.updatePassword(person, passwordHash, renewed, false);
        const { secondFactorRequired } = organisation;
        const current = renewed ?? passwordHash;
        const challenge = await challenges.begin(tx, {
          ...person,
          passwordHash: current,
          secondFactorRequired,
        });
        return challenge ? { challenge } : { tokens: await sessions.open(tx, person, known, ['pwd']) };
      });
    },
  };
}

/** The memberships that the password opens. Where there is none, the same work is done, and all of it at once. */
async function openedBy(
  password: string,
  memberships: readonly MembershipOfAddress[],
): Promise<MembershipOfAddress[]> {
  const hashes = memberships.length === 0 ? [null] : memberships.map(({ passwordHash }) => passwordHash);
  const matches = await Promise.all(hashes.map((hash) => passwordMatches(hash, password)));
  return memberships.filter((_membership, place) => matches[place]);
}

/** @throws CREDENTIALS_REFUSED, ORGANISATION_NEEDED */
function theOnly(opened: readonly MembershipOfAddress[]): MembershipOfAddress {
  const [only, another] = opened;
  if (!only) throw credentialsRefused();
  if (another) throw organisationNeeded(opened.map(({ organisation }) => organisation.slug));
  return only;
}

/** One row whether or not the address has an account: the time of the answer must not tell. */
function recordRefusal(store: Database, membership: MembershipOfAddress | undefined): Promise<void> {
  return recordAct(store, {
    act: 'session.create',
    by: visitor,
    organisationId: membership?.organisationId ?? '',
    subjectId: membership?.userId ?? null,
    refused: 'CREDENTIALS_REFUSED',
  });
}
