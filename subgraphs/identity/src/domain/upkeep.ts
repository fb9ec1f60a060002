import type { RepeatedWork } from '@lyceum/service';
import type { Database } from '../store/store.ts';
import type { SigningKeys } from './signing-keys.ts';

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;

/** What identity does of itself. Several instances do all of it: each is as good done twice. */
export function upkeepOf({ store, keys }: { store: Database; keys: SigningKeys }): RepeatedWork[] {
  return [
    { name: 'rotation of the signing keys', everyMs: minute, run: () => keys.rotate() },
    {
      name: 'forgetting old guesses',
      everyMs: hour,
      run: async () => {
        await store.guessLimits.deleteIdleSince(new Date(Date.now() - day));
      },
    },
    {
      name: 'deletion of expired refresh tokens',
      everyMs: hour,
      run: async () => {
        await store.sessions.deleteExpiredRefreshTokens(new Date());
      },
    },
    {
      name: 'deletion of logins that were not completed',
      everyMs: 10 * minute,
      run: async () => {
        await store.loginChallenges.deleteExpired(new Date());
        await store.passkeyChallenges.deleteExpired(new Date());
        await store.signOns.deleteExpired(new Date());
      },
    },
  ];
}
