import type { CacheExchangeOpts, KeyGenerator, ResolverConfig } from '@urql/exchange-graphcache';
import { relayPagination } from '@urql/exchange-graphcache/extras';
import { connections, keyFields, possibleTypes } from '../generated/cache-facts.ts';

/** What `cacheExchange` of @urql/exchange-graphcache has to know of the graph. */
export function graphcacheOptions(): Pick<CacheExchangeOpts, 'keys' | 'possibleTypes' | 'resolvers'> {
  return { keys: keys(), possibleTypes: { ...possibleTypes }, resolvers: resolvers() };
}

/** By `id`; null: a part of its parent. A singleton has one key for ever. */
function keys(): Record<string, KeyGenerator> {
  return Object.fromEntries(
    Object.entries(keyFields).map(([type, fields]): [string, KeyGenerator] => {
      if (fields === false) return [type, () => null];
      if (fields.length === 0) return [type, () => 'the'];
      return [type, ({ id }) => (typeof id === 'string' ? id : null)];
    }),
  );
}

function resolvers(): ResolverConfig {
  const config: Record<string, Record<string, ReturnType<typeof relayPagination>>> = {};
  for (const place of Object.keys(connections)) {
    const [type = '', field = ''] = place.split('.');
    config[type] = { ...config[type], [field]: relayPagination() };
  }
  return config;
}
