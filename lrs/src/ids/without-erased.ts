import { erasePerson } from '@lyceum/xapi';
import { personOfNote } from '../personal-data/erasure-note.ts';
import { instantOfStored } from '../query/stored.ts';
import type { ErasedPerson } from '../store/erased-people.ts';

/**
 * A statement's text without the people who were erased after it was stored, as ingest leaves them out
 * (ingest/leave-out-erased.ts).
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
    const people = await select([organisationId], instantOfStored(stored));
    return people.reduce((rest, person) => erasePerson(rest, personOfNote(person)), text);
  };
}
