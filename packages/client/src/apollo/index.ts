import { ApolloClient } from '@apollo/client';
import type { LyceumClient } from '../client.ts';
import { createLyceumCache } from './cache.ts';
import { createLyceumLink } from './link.ts';

export { createLyceumCache, typePolicies } from './cache.ts';
export { connectionPolicy } from './connection-policy.ts';
export { createLyceumLink } from './link.ts';

/**
 * Apollo Client over the graph. What is on the page is asked for anew after a gap of a subscription; nothing of one person
 * stays in the cache when another logs in.
 */
export function createLyceumApolloClient(
  client: LyceumClient,
  options: Partial<ApolloClient.Options> = {},
): ApolloClient {
  const apollo = new ApolloClient({
    link: createLyceumLink(client),
    cache: createLyceumCache(),
    ...options,
  });
  client.onGap(() => {
    void apollo.refetchQueries({ include: 'active' });
  });
  client.session.state.onChange(() => {
    void apollo.resetStore().catch(() => undefined);
  });
  return apollo;
}
