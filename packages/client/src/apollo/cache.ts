import { InMemoryCache, type TypePolicies } from '@apollo/client';
import { connections, keyFields, possibleTypes } from '../generated/cache-facts.ts';
import { connectionPolicy } from './connection-policy.ts';

/** A normalised cache that knows the graph: ids, what an interface may be, lists in pages. */
export function createLyceumCache(): InMemoryCache {
  return new InMemoryCache({ typePolicies: typePolicies(), possibleTypes: { ...possibleTypes } });
}

/** For an `InMemoryCache` of one's own. */
export function typePolicies(): TypePolicies {
  const policies: TypePolicies = {};
  for (const [type, fields] of Object.entries(keyFields)) {
    // What has no identity of its own is a part of its parent: its fields are joined there.
    policies[type] = fields === false ? { keyFields: false, merge: true } : { keyFields: [...fields] };
  }
  for (const [place, keyArgs] of Object.entries(connections)) {
    const [type = '', field = ''] = place.split('.');
    policies[type] = {
      ...policies[type],
      fields: { ...policies[type]?.fields, [field]: connectionPolicy(keyArgs) },
    };
  }
  return policies;
}
