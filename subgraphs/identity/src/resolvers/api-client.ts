import type { ApiClientResolvers } from '../generated/resolver-types.ts';

export const ApiClient: ApiClientResolvers = {
  __resolveReference: ({ id }, { load }) => load.apiClient.load(id),

  previousSecretUntil: ({ previousUntil }) => previousUntil,
};
