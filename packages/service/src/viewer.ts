import type { Role } from './permissions/catalogue.ts';
import type { Held } from './permissions/held.ts';

/** Who asks, as the access token says: one user in one organisation. What they may do, `viewerMay` answers. */
export interface Viewer extends Held {
  readonly userId: string;
  readonly organisationId: string;
  /** The built-in ones, to be shown. Nothing is decided by them: ask for a permission. */
  readonly roles: readonly Role[];
  readonly sessionId: string;
  readonly scopes: readonly string[];
  readonly expiresAt: Date;
}
