import type { RequestContext } from '@lyceum/graphql';
import { createLoaders, type Loaders } from './loaders.ts';
import type { Services } from './services.ts';

export interface Context extends RequestContext, Services {
  /** Each finds only what the viewer may see. */
  readonly load: Loaders;
}

/** Makes the context of each request: loaders never outlive one. */
export function createContext(services: Services) {
  return (request: RequestContext): Context => ({
    ...request,
    ...services,
    load: createLoaders(services, request),
  });
}
