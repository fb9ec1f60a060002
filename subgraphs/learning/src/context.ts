import type { RequestContext } from '@lyceum/graphql';
import type { Enrolments } from './domain/enrolments.ts';
import type { Progress } from './domain/progress.ts';
import { createLoaders, type Loaders } from './store/loaders.ts';
import type { Database } from './store/store.ts';

/** The domain, as resolvers call it. */
export interface Services {
  readonly enrolments: Enrolments;
  readonly progress: Progress;
}

export interface Context extends RequestContext, Services {
  /** Each finds only what belongs to the viewer's organisation. */
  readonly load: Loaders;
}

/** Makes the context of each request: loaders never outlive one. */
export function createContext(store: Database, services: Services): (request: RequestContext) => Context {
  return (request) => ({ ...request, ...services, load: createLoaders(store, request.viewer) });
}

/** An object of another subgraph, by its id. */
export interface Reference {
  readonly id: string;
}
