import type { PermissionName } from './permissions/catalogue.ts';

/**
 * An expected failure: something that a client may cause and can mend. Its message is for people, its code for
 * programs. Everything else that is thrown is a fault of ours, and masked.
 */
export class DomainError extends Error {
  override name = 'DomainError';
  readonly code: string;
  /** The path of the input that is at fault, such as `['input', 'email']`. */
  readonly field: readonly string[] | undefined;
  /** More for programs, such as the scope that was missing. */
  readonly details: Readonly<Record<string, unknown>>;

  constructor(
    code: string,
    message: string,
    at: { field?: readonly string[]; details?: Record<string, unknown> } = {},
  ) {
    super(message);
    this.code = code;
    this.field = at.field;
    this.details = at.details ?? {};
  }
}

/** What every service means alike by these codes; a service adds its own in `domain/errors.ts`. */
export const unauthenticated = (message = 'Log in first: this needs an access token.') =>
  new DomainError('UNAUTHENTICATED', message);

/** Whoever asks is told what is missing, in `extensions.missing`. */
export const forbidden = (missing: PermissionName) =>
  new DomainError('FORBIDDEN', `This needs the permission ${missing}.`, { details: { missing } });

/** Also the answer for an id of another organisation, so that nobody learns that it exists. */
export const notFound = (what: string, id: string, field?: readonly string[]) =>
  new DomainError('NOT_FOUND', `There is no ${what} ${id}.`, field ? { field } : {});

export const invalid = (field: readonly string[], reason: string) =>
  new DomainError('INVALID', reason, { field });

export const conflict = (message: string, field?: readonly string[]) =>
  new DomainError('CONFLICT', message, field ? { field } : {});

/** Nothing was done, and the same may succeed a moment later. */
export const unavailable = (message: string) => new DomainError('UNAVAILABLE', message);
