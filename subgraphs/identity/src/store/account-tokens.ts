import type { AccountToken, Prisma } from './generated/client.ts';
import type { Connection } from './store.ts';

export type { AccountToken };

export type TokenPurpose =
  'REGISTRATION' | 'INVITATION' | 'PASSWORD_RESET' | 'EMAIL_CHANGE' | 'EMAIL_CHANGE_CONSENT';

export type NewAccountToken = Omit<Prisma.AccountTokenUncheckedCreateInput, 'purpose' | 'createdAt'> & {
  readonly purpose: TokenPurpose;
};

/** Whose tokens: of what is named, all that are not spent. */
export interface TokenSelection {
  readonly purpose: { readonly in: TokenPurpose[] } | TokenPurpose;
  readonly organisationId?: string;
  readonly email?: string;
  readonly userId?: string;
  readonly invitationId?: string;
  readonly changeId?: string;
}

export function accountTokenStore(db: Connection) {
  return {
    /** One that is still good. A token is all that its bearer shows: it names the organisation. */
    selectOptional: (hash: string, purposes: readonly TokenPurpose[]) =>
      db.accountToken.findFirst({
        where: { hash, purpose: { in: [...purposes] }, spentAt: null, expiresAt: { gt: new Date() } },
      }),

    insert: (token: NewAccountToken) => db.accountToken.create({ data: token }),

    /** Spends a token: 1 where this call did it, 0 where it was spent, old or unknown. */
    updateSpent: async (hash: string) => {
      const now = new Date();
      const { count } = await db.accountToken.updateMany({
        where: { hash, spentAt: null, expiresAt: { gt: now } },
        data: { spentAt: now },
      });
      return count;
    },

    /** Makes tokens void. */
    updateManySpent: (selection: TokenSelection) =>
      db.accountToken.updateMany({ where: { ...selection, spentAt: null }, data: { spentAt: new Date() } }),

    count: (selection: TokenSelection & { readonly spentAt?: null }) =>
      db.accountToken.count({ where: selection }),

    /** What expired before is of no use to anybody. */
    deleteExpired: (before: Date) => db.accountToken.deleteMany({ where: { expiresAt: { lt: before } } }),
  };
}
