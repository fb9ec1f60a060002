import { expanded, isPermission, isRole } from '@lyceum/service';

/** An access token that a program was given, and what it may do with it. */
export interface Grant {
  readonly accessToken: string;
  readonly expiresAt: Date;
  readonly scope: readonly string[];
}

export type OAuthErrorCode =
  'invalid_request' | 'invalid_client' | 'unsupported_grant_type' | 'invalid_scope';

/** A refusal as OAuth has it (RFC 6749, 5.2). The description may be shown to whoever asked. */
export class OAuthError extends Error {
  override name = 'OAuthError';
  readonly code: OAuthErrorCode;

  constructor(code: OAuthErrorCode, description: string) {
    super(description);
    this.code = code;
  }
}

/** The same for an unknown client and a wrong, old or revoked secret. */
export const invalidClient = () =>
  new OAuthError('invalid_client', 'The client and the secret do not belong together.');

/** What of `own` a scope names, by permissions or roles; all of it where there is none. @throws OAuthError invalid_scope */
export function grantedScope(scope: string | undefined, own: readonly string[]): readonly string[] {
  if (scope === undefined) return own;
  const names = scope.split(' ').filter((name) => name !== '');
  const wanted = [...expanded(names)];
  const areKnown = names.every((name) => isPermission(name) || isRole(name));
  const isOwn = areKnown && wanted.length > 0 && wanted.every((name) => own.includes(name));
  if (!isOwn) throw new OAuthError('invalid_scope', 'The scope names what was not given, or nothing.');
  return wanted;
}
