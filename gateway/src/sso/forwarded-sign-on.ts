import type { Forwarded } from '../forwarding/forward-to-identity.ts';

/**
 * The way of browsers to the providers of single sign-on and back (subgraphs/identity/src/sso): its cookies go along, and
 * nothing else of what is known of the browser.
 */
export const forwardedSignOn: Forwarded = {
  routes: [
    { method: 'GET', url: '/sso/:providerId/start' },
    { method: 'GET', url: '/sso/callback' },
  ],
  requestHeaders: ['cookie'],
  answerHeaders: ['content-type', 'cache-control', 'location', 'set-cookie', 'referrer-policy'],
  authenticated: false,
  unreachable: 'This cannot be reached now. Try again.\n',
};
