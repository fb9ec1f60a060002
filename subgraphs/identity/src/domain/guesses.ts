import { createHash } from 'node:crypto';
import { currentRequest } from '@lyceum/service';
import type { GuessSubject } from '../store/guess-limits.ts';
import type { Database } from '../store/store.ts';
import { tooManyAttempts } from './errors.ts';
import { networkOf } from './network-of.ts';

/** A guess that was let through, and counts as wrong until it is told to have been right. */
export interface Guess {
  /** Forgets the wrong ones before it. */
  wasRight(): Promise<void>;
  /** Counts as if it had not been made; the wrong ones before it stay. */
  giveBack(): Promise<void>;
}

export type Guesses = ReturnType<typeof createGuesses>;

/**
 * Wrong guesses that cost nothing, after which each doubles the time until the next is looked at, up to a quarter of an
 * hour. Somebody who forgot is soon let in; nobody guesses a hundred times an hour (OWASP ASVS 4.0.3, 2.2.1). An
 * account as a whole is given more, so that who wants to lock somebody out needs many addresses; an address still more:
 * a school may be behind one.
 */
const free = { accountFromAddress: 5, account: 50, address: 100 };

/**
 * Slows guessing of passwords and codes, alike for accounts that are there and that are not. It is held in PostgreSQL,
 * so that it holds over several instances, and a guess is counted before it is looked at, so that many at once gain
 * nothing.
 */
export function createGuesses({ store }: { store: Database }) {
  return {
    /**
     * @param account what is guessed at: an address, an id
     * @throws TOO_MANY_ATTEMPTS with the seconds to wait, without counting
     */
    async begin(account: string): Promise<Guess> {
      const subjects = subjectsOf(account, currentRequest()?.client?.address);
      const blockedUntil = await store.guessLimits.count(subjects);
      if (blockedUntil) throw tooManyAttempts(blockedUntil);
      const names = subjects.map(({ subject }) => subject);
      return {
        wasRight: () => store.guessLimits.forgive(names),
        giveBack: () => store.guessLimits.giveBack(names),
      };
    },
  };
}

function subjectsOf(account: string, address: string | undefined): GuessSubject[] {
  const ofAccount = digest(account);
  const whole = { subject: `account:${ofAccount}`, free: free.account };
  if (address === undefined) return [whole];
  const from = networkOf(address);
  return [
    { subject: `account:${ofAccount}:${from}`, free: free.accountFromAddress },
    whole,
    { subject: `address:${from}`, free: free.address },
  ];
}

/** Addresses that people try are personal, and some are their passwords. */
function digest(account: string): string {
  return createHash('sha256').update(account).digest('base64url').slice(0, 32);
}
