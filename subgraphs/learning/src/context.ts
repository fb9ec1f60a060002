import type { RequestContext } from '@lyceum/graphql';
import { createLoaders, type Loaders } from './loaders.ts';
import type { Services } from './services.ts';
import type { Database } from './store/store.ts';

export interface Context extends RequestContext, Services {
  /** Each finds only what belongs to the viewer's organisation. */
  readonly load: Loaders;
}

/** Makes the context of each request: loaders never outlive one. */
export function createContext(store: Database, services: Services) {
  return (request: RequestContext): Context => ({
    ...request,
    ...services,
    load: createLoaders(store, request),
  });
}
