import { createHash, randomBytes } from 'node:crypto';
import { comparableKey, type ErasedPerson as PersonInStatements } from '@lyceum/xapi';
import type { ErasedPerson } from '../store/erased-people.ts';
import type { Person } from './person.ts';

/** What is kept of an erasure for ingest: it recognises the person's keys by it, and nobody can read them from it. */
export function noteOf(
  jobId: string,
  { organisationId, pseudonym, keys, until }: Person,
): Omit<ErasedPerson, 'createdAt'> {
  const salt = randomBytes(16).toString('hex');
  return {
    jobId,
    organisationId,
    userId: pseudonym.name,
    homePage: pseudonym.homePage,
    salt,
    keyHashes: keys.map((key) => hashOf(salt, key)),
    erasedUntil: until,
  };
}

/** The person of a note, to be erased from statements. */
export function personOfNote({ salt, keyHashes, homePage, userId }: ErasedPerson): PersonInStatements {
  const hashes = new Set(keyHashes);
  return {
    isNamedBy: (key) => hashes.has(hashOf(salt, comparableKey(key))),
    pseudonym: { homePage, name: userId },
  };
}

function hashOf(salt: string, key: string): string {
  return createHash('sha256').update(`${salt}\n${key}`).digest('hex');
}
