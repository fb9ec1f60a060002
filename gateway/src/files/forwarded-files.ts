import type { Forwarded } from '../forwarding/forward-to-identity.ts';

/**
 * Files that identity takes in and gives out, by the way that its own routes do (subgraphs/identity/src/files).
 */
export const forwardedFiles: Forwarded = {
  routes: [
    { method: 'POST', url: '/people/import' },
    { method: 'GET', url: '/people/export.csv' },
    { method: 'GET', url: '/people/personal-data/:jobId' },
  ],
  requestHeaders: ['content-type', 'content-length'],
  answerHeaders: ['content-type', 'content-disposition', 'cache-control', 'x-content-type-options'],
  authenticated: true,
  unreachable: { error: { code: 'UNAVAILABLE', message: 'This cannot be reached now. Try again.' } },
};
