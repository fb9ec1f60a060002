import type { EventHandlers } from '@lyceum/events';
import type { Store } from '../store/store.ts';

/** What identity does about what the Learning Record Store tells. */
export const lrsEventsGroup = 'identity';

/** Notes when keys were last used. That the same comes twice, or late, changes nothing: the latest use counts. */
export function lrsKeyUsedHandlers(store: Store): EventHandlers {
  return {
    'lrs-key.used': async ({ data: { key } }) => {
      await store.lrsKeys.updateLastUsed(key.organisationId, key.id, new Date(key.lastUsedAt));
    },
  };
}
