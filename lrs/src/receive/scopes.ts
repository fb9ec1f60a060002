import type { DocumentKind } from '../store/documents.ts';
import type { Credential } from './credentials.ts';
import { refusals } from './xapi-error.ts';

/** The scopes that open something (Communication 4.2). */
const writing = ['statements/write', 'all'];
const reading = ['statements/read', 'all/read', 'all'];
const readingMine = 'statements/read/mine';
const documents: Readonly<Record<DocumentKind, string>> = {
  STATE: 'state',
  ACTIVITY_PROFILE: 'profile',
  AGENT_PROFILE: 'profile',
};

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

/**
 * Files of a whole store are for people with the permission, never for keys.
 * @throws XapiError 403
 */
export function requireStoreFile(credential: Credential, access: 'export' | 'import'): void {
  if (!credential.scopes.has(`store/${access}`)) throw refusals.permission(`store.${access}`);
}

/** @throws XapiError 403 */
export function requireDocuments(credential: Credential, kind: DocumentKind, access: 'read' | 'write'): void {
  const scopes = [documents[kind], ...(access === 'read' ? ['all/read'] : []), 'all'];
  if (!hasAny(credential, scopes)) throw refusals.forbidden(scopes);
}
