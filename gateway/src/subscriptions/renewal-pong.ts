import type { Renewal } from '../access/admission.ts';

type Shown = Exclude<Renewal, { outcome: 'somebody-else' }>;

/** What a pong tells whoever sent a new token with a ping; undefined: nothing was there to be renewed yet. */
export function renewalPong(renewal: Shown | undefined): Record<string, unknown> {
  if (renewal === undefined)
    return { renewed: false, code: 'UNAUTHENTICATED', reason: 'The connection is not initialised.' };
  if (renewal.outcome === 'renewed') return { renewed: true, expiresAt: renewal.expiresAt.toISOString() };
  return { renewed: false, code: renewal.code, reason: renewal.reason };
}
