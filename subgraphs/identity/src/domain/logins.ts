import type { Database, Store } from '../store/store.ts';
import { recordAct, visitor } from './audit.ts';
import { credentialsRefused, organisationNeeded } from './errors.ts';
import type { Guesses } from './guesses.ts';
import { hashPassword, isOutdated, passwordMatches } from './passwords.ts';
import type { Sessions, SessionTokens } from './sessions.ts';

export interface PasswordLogin {
  readonly email: string;
  readonly password: string;
  readonly organisation?: string | null | undefined;
}

export type Logins = ReturnType<typeof createLogins>;

/** Logging in with a password. */
export function createLogins(options: { store: Database; sessions: Sessions; guesses: Guesses }) {
  const { store, sessions, guesses } = options;

  /** The membership that the password opens. @throws CREDENTIALS_REFUSED, ORGANISATION_NEEDED */
  async function opened({ email, password, organisation: slug }: PasswordLogin): Promise<Membership> {
    const memberships = await store.memberships.selectManyByEmail(email);
    const named = memberships.filter(({ organisation }) => !slug || organisation.slug === slug);
    const found = await openedBy(password, named);
    if (found.length === 0) await recordRefusal(store, memberships[0]);
    return theOnly(found);
  }

  return {
    /** @throws TOO_MANY_ATTEMPTS, CREDENTIALS_REFUSED, ORGANISATION_NEEDED */
    async withPassword(input: PasswordLogin): Promise<SessionTokens> {
      const email = input.email.trim().toLowerCase();
      const guess = await guesses.begin(email);
      const { userId, organisationId, passwordHash } = await opened({ ...input, email });
      await guess.wasRight();
      const renewed = isOutdated(passwordHash) ? await hashPassword(input.password) : undefined;
      return store.transaction(async (tx) => {
        // A change of the password ends the sessions that are there: none may begin beside it with the old one.
        const known = await tx.memberships.lockShared(organisationId, userId);
        if (passwordHash === null || known?.passwordHash !== passwordHash) throw credentialsRefused();
        const person = { organisationId, userId };
        if (renewed !== undefined) await tx.memberships.updatePassword(person, passwordHash, renewed);
        return sessions.open(tx, person, known);
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

/** One row whether or not the address has an account: the time of the answer must not tell. */
function recordRefusal(store: Database, membership: Membership | undefined): Promise<void> {
  return recordAct(store, {
    act: 'session.create',
    by: visitor,
    organisationId: membership?.organisationId ?? '',
    subjectId: membership?.userId ?? null,
    refused: 'CREDENTIALS_REFUSED',
  });
}
