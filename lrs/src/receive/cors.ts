import type { IncomingMessage } from 'node:http';
import type { Answer } from './exchange.ts';

/**
 * Content that runs in browsers, from whatever site, speaks to the store with a key or token that it sends itself (Fetch
 * standard, 3.3). Credentials that a browser remembers are never let through: a page must not use what another was given.
 */
const everywhere = {
  'access-control-allow-origin': '*',
  'access-control-expose-headers':
    'ETag, Last-Modified, Retry-After, WWW-Authenticate, X-Experience-API-Version, X-Experience-API-Consistent-Through, X-Request-Id',
};

const none = {};

/** What is added to an answer for a page of another site. */
export function crossOriginHeaders({ headers }: IncomingMessage): Readonly<Record<string, string>> {
  return headers.origin === undefined ? none : everywhere;
}

/** What a browser asks before a request, and everybody may: which methods and headers a resource takes. */
export function preflight(methods: readonly string[]): Answer {
  const all = methods.join(', ');
  return {
    status: 204,
    headers: {
      allow: all,
      'access-control-allow-methods': all,
      'access-control-allow-headers':
        'Authorization, Content-Type, If-Match, If-None-Match, Accept, Accept-Language, X-Experience-API-Version, X-Request-Id',
      'access-control-max-age': '86400',
    },
  };
}
