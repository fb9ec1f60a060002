import { AsyncLocalStorage } from 'node:async_hooks';

const watched = new AsyncLocalStorage<string[]>();

/** Does the work, and tells which acts it recorded in the audit log. */
export async function watchingActs<T>(work: () => Promise<T>): Promise<{ result: T; acts: string[] }> {
  const acts: string[] = [];
  return { result: await watched.run(acts, work), acts };
}

/** Of each act that is recorded, for whoever watches. */
export function noteActs(acts: readonly string[]): void {
  watched.getStore()?.push(...acts);
}
