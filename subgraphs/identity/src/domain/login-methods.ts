/**
 * How a login was made, as access tokens tell it in `amr` (RFC 8176, 2): a password, a one-time code (also a recovery
 * code), a key that one device holds, a key that is synced between devices, a provider of single sign-on (no registered value says so: `fed` is in use for it),
 * and, beside those, more than one factor.
 */
export type LoginMethod = 'pwd' | 'otp' | 'hwk' | 'swk' | 'fed' | 'mfa';

/** Each once. */
export function methodsWith(methods: readonly string[], ...more: readonly LoginMethod[]): string[] {
  return [...new Set([...methods, ...more])];
}
