import { DomainError } from '@lyceum/service';

/** The expected failures of the catalog, beside those that every service shares; mirrored in UserErrorCode. */
export const slugTaken = (field: readonly string[], slug: string) =>
  new DomainError('SLUG_TAKEN', `Another course has the slug ${slug}.`, { field });

export const staleRevision = (expected: number, found: number) =>
  new DomainError('CONFLICT', `The course is at revision ${found}, not ${expected}. Read it again.`, {
    field: ['input', 'revision'],
    details: { revision: found },
  });

export const courseEmpty = () =>
  new DomainError('COURSE_EMPTY', 'A published course has at least one module with an item.');

export const courseArchived = () =>
  new DomainError('COURSE_ARCHIVED', 'An archived course is not changed. Publish it first.');

export const tooMany = (what: string, limit: number) =>
  new DomainError('TOO_MANY', `There can be ${limit} ${what} and no more.`);

export const orderIncomplete = (what: string, field: string) =>
  new DomainError('ORDER_INCOMPLETE', `Name every ${what} once, and no other.`, { field: ['input', field] });
