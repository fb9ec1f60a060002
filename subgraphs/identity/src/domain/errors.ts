import { DomainError } from '@lyceum/service';

/** The expected failures of identity, beside those that every service shares; mirrored in UserErrorCode. */
export const credentialsRefused = () =>
  new DomainError('CREDENTIALS_REFUSED', 'The e-mail address and the password do not belong together.');

export const notThePassword = () =>
  new DomainError('CREDENTIALS_REFUSED', 'This is not the current password.', {
    field: ['input', 'currentPassword'],
  });

export const tooManyAttempts = (until: Date) => {
  const seconds = Math.max(1, Math.ceil((until.getTime() - Date.now()) / 1_000));
  return new DomainError('TOO_MANY_ATTEMPTS', `Too many wrong attempts. Try again in ${seconds} s.`);
};

export const organisationNeeded = (slugs: readonly string[]) =>
  new DomainError('ORGANISATION_NEEDED', `Name the organisation to act in: ${slugs.join(', ')}.`, {
    field: ['input', 'organisation'],
  });

export const sessionEnded = () =>
  new DomainError('SESSION_ENDED', 'This session has ended. Log in again.', {
    field: ['input', 'refreshToken'],
  });

export const emailTaken = () =>
  new DomainError('EMAIL_TAKEN', 'Somebody in the organisation has this e-mail address already.', {
    field: ['input', 'email'],
  });

export const lastAdmin = (field: 'roles' | 'userId') =>
  new DomainError('LAST_ADMIN', 'An organisation keeps at least one administrator.', {
    field: ['input', field],
  });
