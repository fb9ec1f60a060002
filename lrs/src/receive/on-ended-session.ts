import type { EventHandlers } from '@lyceum/events';
import type { Store } from '../store/store.ts';

/** Remembers what ended for as long as an access token of it may be valid (docs/decisions/0012); the same twice is once. */
export function endedSessionHandlers({ endedSessions }: Pick<Store, 'endedSessions'>): EventHandlers {
  const add = ({ id, accessTokensUntil }: { id: string; accessTokensUntil: string }) =>
    endedSessions.insert(id, new Date(accessTokensUntil));
  return {
    'session.ended': ({ data }) => add(data.session),
    'api-client.revoked': ({ data }) => add(data.client),
    'personal-access-token.revoked': ({ data }) => add(data.token),
  };
}
