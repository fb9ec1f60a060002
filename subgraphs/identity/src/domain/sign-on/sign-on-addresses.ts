import type { StartUrl } from './sign-on-links.ts';

/** Where browsers begin, and where providers send them back to. */
export interface SignOnAddresses {
  readonly redirectUri: string;
  readonly startUrl: StartUrl;
}

export const signOnAddresses = (publicUrl: string): SignOnAddresses => ({
  redirectUri: `${publicUrl}/sso/callback`,
  startUrl: ({ id }) => `${publicUrl}/sso/${id}/start`,
});
