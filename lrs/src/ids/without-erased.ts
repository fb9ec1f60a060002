import { erasePerson } from '@lyceum/xapi';
import { personOfNote } from '../personal-data/erasure-note.ts';
import { instantOfStored } from '../query/stored.ts';
import { UnavailableError } from '../query/unavailable-error.ts';
import type { ErasedPerson } from '../store/erased-people.ts';

/**
 * A statement's text without the people who were erased after it was stored, as ingest leaves them out
 * (ingest/leave-out-erased.ts). Throws UnavailableError where nobody can tell who was.
 */
export type WithoutErased = (statement: ErasableStatement) => Promise<string>;

export interface ErasableStatement {
  readonly organisationId: string;
  /** As in FoundStatement. */
  readonly stored: string;
  readonly text: string;
}

export function createWithoutErased(
  select: (organisationIds: readonly string[], stored: Date) => Promise<ErasedPerson[]>,
): WithoutErased {
  return async ({ organisationId, stored, text }) => {
    const people = await select([organisationId], instantOfStored(stored)).catch((error: unknown) => {
      throw new UnavailableError('The database', error);
    });
    return people.reduce((rest, person) => erasePerson(rest, personOfNote(person)), text);
  };
}
