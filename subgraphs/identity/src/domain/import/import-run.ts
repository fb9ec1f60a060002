import type { IdentityEvents } from '../../events/identity-events.ts';
import type { PeopleImport } from '../../store/imports.ts';
import type { Database } from '../../store/store.ts';

/** One worker's run of one import. */
export interface ImportRun {
  readonly store: Database;
  readonly events: IdentityEvents;
  readonly worker: string;
  readonly job: PeopleImport;
  readonly stopping: AbortSignal;
  readonly leasedUntil: () => Date;
}

/** Another worker has the import, or this one is to stop: what was begun is left to the next. */
export class LeftError extends Error {
  override name = 'LeftError';
}
