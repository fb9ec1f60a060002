import { DomainError } from '@lyceum/service';

/** The expected failures of records, beside those that every service shares. */
export const tooExpensive = () =>
  new DomainError(
    'TOO_EXPENSIVE',
    'This would take too long. Narrow it: a shorter time, one actor, one activity.',
  );
