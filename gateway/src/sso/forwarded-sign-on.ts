import type { Forwarded } from '../forwarding/forward-to-identity.ts';

/**
 * The way of browsers to the providers of single sign-on and back, and of what providers say of who logged out
 * (subgraphs/identity/src/sso): cookies go along, and nothing else of what is known of the browser.
 */
export const forwardedSignOn: Forwarded = {
  routes: [
    { method: 'GET', url: '/sso/:providerId/start' },
    { method: 'GET', url: '/sso/callback' },
    { method: 'POST', url: '/sso/backchannel-logout/:providerId' },
  ],
  requestHeaders: ['cookie', 'content-type'],
  answerHeaders: ['content-type', 'cache-control', 'location', 'set-cookie', 'referrer-policy'],
  authenticated: false,
  unreachable: 'This cannot be reached now. Try again.\n',
};
