import { StartError } from '@lyceum/service';

/** A migration is not what it was when it was applied; the database was left untouched. */
export class ChangedMigrationError extends StartError {
  override name = 'ChangedMigrationError';
}
