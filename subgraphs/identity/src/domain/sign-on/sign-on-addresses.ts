import type { StartUrl } from './sign-on-links.ts';

/** Where browsers begin, where providers send them back to, and where they say who logged out. */
export interface SignOnAddresses {
  readonly redirectUri: string;
  readonly startUrl: StartUrl;
  readonly logoutUri: StartUrl;
}

export const signOnAddresses = (publicUrl: string): SignOnAddresses => ({
  redirectUri: `${publicUrl}/sso/callback`,
  startUrl: ({ id }) => `${publicUrl}/sso/${id}/start`,
  logoutUri: ({ id }) => `${publicUrl}/sso/backchannel-logout/${id}`,
});
