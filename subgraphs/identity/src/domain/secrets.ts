import { createHash, timingSafeEqual } from 'node:crypto';

/** How a secret of 256 random bits is kept: a plain digest (hexadecimal) is enough, since nobody can guess those. */
export const hashSecret = (secret: string): string => createHash('sha256').update(secret).digest('hex');

/** Whether it is the secret of the hash; the time that it takes tells nothing of the hash. */
export function secretMatches(hash: string | null, secret: string): boolean {
  const expected = Buffer.from(hash ?? '', 'hex');
  const given = createHash('sha256').update(secret).digest();
  return expected.length === given.length && timingSafeEqual(expected, given);
}

/** A digest of what a password is now, whose hash is a secret itself: it says whether it was changed, and nothing more. */
export const stateOfPassword = (passwordHash: string | null): string => hashSecret(passwordHash ?? '');
