import { idPrefix } from './ids.ts';

export const ROLES = ['ADMIN', 'AUTHOR', 'INSTRUCTOR', 'LEARNER'] as const;

/** What a member may do in an organisation; a member holds one or more. */
export type Role = (typeof ROLES)[number];

/**
 * No access token lasts longer: for as long, whoever verifies tokens offline must remember that a session has ended.
 */
export const longestAccessTokenSeconds = 3_600;

/** Who asks, as the access token says: one user, or one API client, in one organisation. */
export interface Viewer {
  readonly userId: string;
  readonly organisationId: string;
  readonly roles: readonly Role[];
  readonly sessionId: string;
  readonly scopes: readonly string[];
  readonly expiresAt: Date;
}

/** A program that acts in nobody's name: an API client, whose id stands where a user's would. */
export const isMachine = ({ userId }: Pick<Viewer, 'userId'>): boolean => idPrefix(userId) === 'apiclient';

/** A person who logged in themselves, not a program of theirs with a personal access token. */
export const isLogin = ({ sessionId }: Pick<Viewer, 'sessionId'>): boolean =>
  idPrefix(sessionId) === 'session';
