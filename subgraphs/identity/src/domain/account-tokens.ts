import { newSecret } from '@lyceum/service';
import type { AccountToken, NewAccountToken, TokenPurpose } from '../store/account-tokens.ts';
import type { Store } from '../store/store.ts';
import { dayMs, hourMs } from './durations.ts';
import { tokenRefused } from './errors.ts';
import { hashSecret } from './secrets.ts';

/** Names and hashes of who never came are not kept. */
const KEPT_MS = dayMs;

type TokenOf = Omit<NewAccountToken, 'hash' | 'expiresAt'>;

/** Makes a token for a link, kept as its hash. */
export async function issueToken(
  tx: Store,
  what: TokenOf,
  hours: number,
): Promise<{ token: string; expiresAt: Date }> {
  const token = newSecret('lya');
  const expiresAt = new Date(Date.now() + hours * hourMs);
  await tx.accountTokens.deleteExpired(new Date(Date.now() - KEPT_MS));
  await tx.accountTokens.insert({ ...what, hash: hashSecret(token), expiresAt });
  return { token, expiresAt };
}

/** What a token stands for, while it is good. @throws TOKEN_REFUSED */
export async function readToken(
  store: Store,
  token: string,
  ...purposes: TokenPurpose[]
): Promise<AccountToken> {
  const known = await store.accountTokens.selectOptional(hashSecret(token), purposes);
  if (!known) throw tokenRefused();
  return known;
}

/** Spends a token: of several who use it at once, one does. @throws TOKEN_REFUSED */
export async function spendToken(tx: Store, { hash }: AccountToken): Promise<void> {
  if ((await tx.accountTokens.updateSpent(hash)) === 0) throw tokenRefused();
}
