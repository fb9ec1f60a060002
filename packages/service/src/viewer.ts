import { idPrefix } from './ids.ts';
import type { Role } from './permissions/catalogue.ts';
import type { Held } from './permissions/held.ts';

/**
 * No access token lasts longer: for as long, whoever verifies tokens offline must remember that a session has ended.
 */
export const longestAccessTokenSeconds = 3_600;

/**
 * Who asks, as the access token says: one user, or one API client, in one organisation. What they may do, `viewerMay`
 * answers.
 */
export interface Viewer extends Held {
  readonly userId: string;
  readonly organisationId: string;
  /** The built-in ones, to be shown. Nothing is decided by them: ask for a permission. */
  readonly roles: readonly Role[];
  readonly sessionId: string;
  readonly scopes: readonly string[];
  readonly expiresAt: Date;
  /** When the token was given, to the second; absent where it does not say. */
  readonly issuedAt?: Date | undefined;
}

/** A program that acts in nobody's name: an API client, whose id stands where a user's would. */
export const isMachine = ({ userId }: Pick<Viewer, 'userId'>): boolean => idPrefix(userId) === 'apiclient';

/** A person who logged in themselves, not a program of theirs with a personal access token. */
export const isLogin = ({ sessionId }: Pick<Viewer, 'sessionId'>): boolean =>
  idPrefix(sessionId) === 'session';
