/**
 * Each event in the shape that the executor expects. Not an async generator: one that waits for its next event does
 * not hear `return()` until that comes, and so would keep a subscriber who has left.
 */
export function renamed<From, To>(
  events: AsyncIterableIterator<From>,
  rename: (event: From) => To,
): AsyncIterableIterator<To> {
  return {
    async next() {
      const result = await events.next();
      return result.done ? { done: true, value: undefined } : { done: false, value: rename(result.value) };
    },
    async return() {
      await events.return?.();
      return { done: true, value: undefined };
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}
