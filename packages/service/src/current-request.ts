import { AsyncLocalStorage } from 'node:async_hooks';
import type { Client } from './client.ts';

/** What is known of the request that is being handled, wherever the code stands. */
export interface CurrentRequest {
  readonly id: string;
  /** Undefined for work that no client asked for, such as the handling of an event. */
  readonly client?: Client | undefined;
}

const requests = new AsyncLocalStorage<CurrentRequest>();

/** Runs `fn` as part of a request: logs and audit rows name it, events carry its id. */
export function withRequest<T>(request: CurrentRequest, fn: () => T): T {
  return requests.run(request, fn);
}

/** The request that is being handled, where there is one. */
export function currentRequest(): CurrentRequest | undefined {
  return requests.getStore();
}
