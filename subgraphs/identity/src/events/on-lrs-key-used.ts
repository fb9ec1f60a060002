import type { EventHandlers } from '@lyceum/events';
import type { Store } from '../store/store.ts';

/** Notes when keys were last used. That the same comes twice, or late, changes nothing: the latest use counts. */
export function onLrsKeyUsed({ store }: { store: Store }): EventHandlers {
  return {
    'lrs-key.used': async ({ data: { key } }) => {
      await store.lrsKeys.updateLastUsed(key.organisationId, key.id, new Date(key.lastUsedAt));
    },
  };
}
