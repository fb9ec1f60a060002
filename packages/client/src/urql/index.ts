import type { Exchange } from '@urql/core';
import { cacheExchange } from '@urql/exchange-graphcache';
import type { LyceumClient } from '../client.ts';
import { lyceumExchange } from './exchange.ts';
import { graphcacheOptions } from './graphcache.ts';
import { refetchAfterGapExchange } from './refetch-after-gap.ts';

export { lyceumExchange } from './exchange.ts';
export { graphcacheOptions } from './graphcache.ts';
export { refetchAfterGapExchange } from './refetch-after-gap.ts';

/** The exchanges of a urql client over the graph, with a normalised cache. Make another client when another person logs in. */
export function lyceumExchanges(client: LyceumClient): Exchange[] {
  return [refetchAfterGapExchange(client), cacheExchange(graphcacheOptions()), lyceumExchange(client)];
}
