import type { RepeatedWork } from '@lyceum/service';
import type { Database } from '../store/store.ts';
import { hourMs, minuteMs } from './durations.ts';
import { deleteOldRows } from './old-rows.ts';
import type { PrivacyUpkeep } from './privacy/upkeep.ts';
import type { SigningKeys } from './signing-keys.ts';

/** What identity does of itself. Several instances do all of it: each is as good done twice. */
export function upkeepOf({
  store,
  keys,
  privacyUpkeep,
}: {
  store: Database;
  keys: SigningKeys;
  privacyUpkeep: PrivacyUpkeep;
}): RepeatedWork[] {
  return [
    { name: 'rotation of the signing keys', everyMs: minuteMs, run: () => keys.rotate() },
    {
      name: 'deletion of what nobody needs any more',
      everyMs: hourMs,
      run: () => deleteOldRows(store, new Date()),
    },
    {
      name: 'deletion of logins that were not completed',
      everyMs: 10 * minuteMs,
      run: async () => {
        await store.loginChallenges.deleteExpired(new Date());
        await store.passkeyChallenges.deleteExpired(new Date());
        await store.signOns.deleteExpired(new Date());
        await store.membershipTrusts.deleteExpired(new Date());
        await store.usedLogoutTokens.deleteExpired(new Date());
      },
    },
    { name: 'deletion of archives whose time is over', everyMs: hourMs, run: privacyUpkeep.expire },
    { name: 'asking services again about people', everyMs: 10 * minuteMs, run: privacyUpkeep.askAgain },
    { name: 'forgetting addresses of who was erased', everyMs: minuteMs, run: privacyUpkeep.forgetMails },
  ];
}
