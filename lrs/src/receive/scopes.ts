import type { Credential } from './credentials.ts';
import { refusals } from './xapi-error.ts';

/** The scopes that open something (Communication 4.2). */
const writing = ['statements/write', 'all'];
const reading = ['statements/read', 'all/read', 'all'];
const readingMine = 'statements/read/mine';

function hasAny({ scopes }: Credential, any: readonly string[]): boolean {
  return any.some((scope) => scopes.has(scope));
}

/** @throws XapiError 403 */
export function requireWriting(credential: Credential): void {
  if (!hasAny(credential, writing)) throw refusals.forbidden(writing);
}

/**
 * Whether the key reads the whole store, or only what it brought itself.
 * @throws XapiError 403
 */
export function requireReading(credential: Credential): 'all' | 'mine' {
  if (hasAny(credential, reading)) return 'all';
  if (credential.scopes.has(readingMine)) return 'mine';
  throw refusals.forbidden([...reading, readingMine]);
}

/**
 * What all statements together say of activities and agents is more than a key's own.
 * @throws XapiError 403
 */
export function requireReadingAll(credential: Credential): void {
  if (requireReading(credential) !== 'all') throw refusals.forbidden(reading);
}
