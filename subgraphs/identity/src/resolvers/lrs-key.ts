import type { LrsKeyResolvers, LrsScope } from '../generated/resolver-types.ts';

export const LrsKey: LrsKeyResolvers = {
  __resolveReference: ({ id }, { load }) => load.lrsKey.load(id),

  previousSecretUntil: ({ previousUntil }) => previousUntil,

  scopes: ({ scopes }) => scopes as LrsScope[],
};
