import { codeOf, type GraphQLFault } from '../errors.ts';
import { closeCodeOf, finalReason, forbidden } from './close-reason.ts';

/** What is to be done about a subscription that is over although nobody left it. */
export type Ending =
  /** Its source was exhausted. */
  | { readonly how: 'complete' }
  /** Begin again; `renew`: with another token. `errors` where the graph gave a reason. */
  | { readonly how: 'again'; readonly renew: boolean; readonly errors: readonly GraphQLFault[] }
  /** The log has dropped what follows the cursor: begin again from now. */
  | { readonly how: 'too-late' }
  | { readonly how: 'error'; readonly errors: readonly GraphQLFault[] };

/** It read too slowly, or what tells the events is not well at the moment. */
const passing = new Set(['SLOW_CONSUMER', 'SLOW_SUBSCRIBER', 'SUBGRAPH_UNAVAILABLE', 'UNAVAILABLE']);

/** Of errors that came as the last word. */
export function endingByErrors(errors: readonly GraphQLFault[]): Ending {
  const code = codeOf(errors) ?? '';
  if (code === 'CURSOR_EXPIRED') return { how: 'too-late' };
  if (passing.has(code)) return { how: 'again', renew: false, errors };
  if (code === 'UNAUTHENTICATED') return { how: 'again', renew: true, errors };
  return { how: 'error', errors };
}

/** Of whatever the socket ended with: a CloseEvent, or an error of the network. */
export function endingBySocket(reason: unknown): Ending {
  const final = finalReason(reason);
  if (final !== undefined)
    return { how: 'error', errors: [{ message: final, extensions: { closeCode: closeCodeOf(reason) } }] };
  return { how: 'again', renew: closeCodeOf(reason) === forbidden, errors: [] };
}
