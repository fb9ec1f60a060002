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

export const tooManyMails = () =>
  new DomainError('TOO_MANY_ATTEMPTS', 'Too many mails were asked for from here. Try again in an hour.');

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

export const roleNameTaken = () =>
  new DomainError('CONFLICT', 'Another role of the organisation has this name.', {
    field: ['input', 'name'],
  });

export const roleGranted = () =>
  new DomainError('CONFLICT', 'Somebody holds this role: take it from them first.', {
    field: ['input', 'id'],
  });

export const lastAdmin = (field: 'roles' | 'userId') =>
  new DomainError('LAST_ADMIN', 'An organisation keeps at least one administrator.', {
    field: ['input', field],
  });

/** What an organisation may have no more of, as its plan says. */
export const planLimit = (what: 'people' | 'apiClients' | 'lrsKeys') => {
  const names = { people: 'people', apiClients: 'API clients', lrsKeys: 'keys' };
  return new DomainError('PLAN_LIMIT', `The plan of the organisation has room for no more ${names[what]}.`);
};

/** Also where there is no such organisation, or the person does not belong to it. */
export const passwordNeeded = () =>
  new DomainError('PASSWORD_NEEDED', 'Give the password with which you log in to that organisation.', {
    field: ['input', 'password'],
  });

/** The same. */
export const switchRefused = () =>
  new DomainError('CREDENTIALS_REFUSED', 'The organisation and the password do not belong together.', {
    field: ['input', 'password'],
  });

export const domainUnverified = (reason: string) =>
  new DomainError('DOMAIN_UNVERIFIED', reason, { field: ['input', 'domainId'] });
export const settledByOrganisation = (field: string) =>
  new DomainError('CONFLICT', 'The organisation has settled this: its administrators change it.', {
    field: ['input', field],
  });

export const loginNeeded = () =>
  new DomainError('FORBIDDEN', 'This needs a login: a token of a program is not enough.', {
    details: { missing: 'a login' },
  });

export const beingErased = () =>
  new DomainError('CONFLICT', 'This person is being erased.', { field: ['input', 'userId'] });

export const tokenRefused = () =>
  new DomainError('TOKEN_REFUSED', 'This link is unknown, was used, or is too old. Ask for a new one.', {
    field: ['input', 'token'],
  });

/** Also where there is no such organisation: who may not come in does not learn which there are. */
export const registrationRefused = () =>
  new DomainError(
    'REGISTRATION_REFUSED',
    'The organisation does not take you in by itself. Ask it for an invitation.',
    {
      field: ['input', 'organisation'],
    },
  );
/** Also for a code that was right and was used before. */
export const proofRefused = (field: 'totp' | 'recoveryCode' | 'passkey' | 'code', reason?: string) =>
  new DomainError(
    'CREDENTIALS_REFUSED',
    field === 'passkey' ? 'This passkey was not accepted.' : 'This code is not right, or it was used before.',
    { field: ['input', field], details: { reason } },
  );

/** The session was not begun with one, or a while ago: show a code, or log in again. */
export const secondFactorNeeded = () =>
  new DomainError('SECOND_FACTOR_NEEDED', 'Show a code of your second factor too, or log in again with it.', {
    field: ['input', 'totp'],
  });

/** A passkey whose counter went back is a copy (WebAuthn 3, 6.1.1): said to the audit log, not to who shows it. */
export const counterRegressed = 'COUNTER_REGRESSED';

/** A login with a passkey alone, whatever was wrong. */
export const passkeyRefused = (reason?: string) =>
  new DomainError('CREDENTIALS_REFUSED', 'This passkey was not accepted.', {
    field: ['input', 'response'],
    details: { reason },
  });

export const challengeEnded = () =>
  new DomainError('CHALLENGE_ENDED', 'This login has ended. Begin again with the password.', {
    field: ['input', 'challenge'],
  });

/** A code that a browser came back with from a provider of single sign-on. */
export const codeRefused = () =>
  new DomainError('TOKEN_REFUSED', 'This code is unknown, was used, or is too old. Begin again.', {
    field: ['input', 'code'],
  });
