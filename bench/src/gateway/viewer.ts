import { heldPermissions, type Viewer } from '@lyceum/service';

/** Who asks: the token is taken as verified, as one is after its first request. */
export const viewer: Viewer = {
  userId: 'user',
  organisationId: 'organisation',
  roles: ['LEARNER'],
  ...heldPermissions({ roles: ['LEARNER'] }),
  sessionId: 'session',
  scopes: [],
  expiresAt: new Date(Date.now() + 3_600_000),
};
