import { AsyncLocalStorage } from 'node:async_hooks';

const requestIds = new AsyncLocalStorage<string>();

/** Runs `fn` as part of the request `id`: logs name it, events carry it. */
export function withRequestId<T>(id: string, fn: () => T): T {
  return requestIds.run(id, fn);
}

/** The id of the request that is being handled, where there is one. */
export function currentRequestId(): string | undefined {
  return requestIds.getStore();
}
