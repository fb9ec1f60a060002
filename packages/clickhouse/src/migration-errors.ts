import { StartError } from '@lyceum/service';

/** The database was written by a newer version of the service; it was left untouched. */
export class NewerDataError extends StartError {
  override name = 'NewerDataError';
}

/** A migration is not what it was when it was applied; the database was left untouched. */
export class ChangedMigrationError extends StartError {
  override name = 'ChangedMigrationError';
}
