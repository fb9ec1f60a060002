import type { UsedLogoutToken } from './generated/client.ts';
import type { Connection } from './store.ts';

/** Logout tokens of providers that were used. */
export function usedLogoutTokenStore(db: Connection) {
  return {
    /** 1 where it was not used before. Of several at once, one waits for the other. */
    insertOptional: async (token: UsedLogoutToken): Promise<number> =>
      (await db.usedLogoutToken.createMany({ data: [token], skipDuplicates: true })).count,

    deleteExpired: (now: Date) => db.usedLogoutToken.deleteMany({ where: { expiresAt: { lt: now } } }),
  };
}
