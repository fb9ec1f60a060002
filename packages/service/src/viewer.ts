export const ROLES = ['ADMIN', 'AUTHOR', 'INSTRUCTOR', 'LEARNER'] as const;

/** What a member may do in an organisation; a member holds one or more. */
export type Role = (typeof ROLES)[number];

/**
 * No access token lasts longer: for as long, whoever verifies tokens offline must remember that a session has ended.
 */
export const longestAccessTokenSeconds = 3_600;

/** Who asks, as the access token says: one user in one organisation. */
export interface Viewer {
  readonly userId: string;
  readonly organisationId: string;
  readonly roles: readonly Role[];
  readonly sessionId: string;
  readonly scopes: readonly string[];
  readonly expiresAt: Date;
}
