import type { RequestContext } from '@lyceum/graphql';
import type { Assessments } from './domain/assessments.ts';
import type { Attempts } from './domain/attempts.ts';
import type { Questions } from './domain/questions.ts';
import { createLoaders, type Loaders } from './loaders.ts';

/** The domain, as resolvers call it. */
export interface Services {
  readonly assessments: Assessments;
  readonly questions: Questions;
  readonly attempts: Attempts;
}

/** What a resolver has at hand. */
export interface Context extends RequestContext, Services {
  readonly loaders: Loaders;
}

/** Makes the context of each request: loaders never outlive one. */
export function createContext(services: Services): (request: RequestContext) => Context {
  return (request) => ({ ...services, ...request, loaders: createLoaders(services, request) });
}
