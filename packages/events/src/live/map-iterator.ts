/**
 * What a source yields, each value turned into another, or left out where that is null.
 *
 * Not a generator: `return` reaches the source at once, also while `next` waits for it. A generator would first wait
 * for the next value, so that a client who has gone would stay subscribed until then.
 */
export function mapIterator<T, U>(
  source: AsyncIterableIterator<T>,
  map: (value: T) => U | null | Promise<U | null>,
): AsyncIterableIterator<U> {
  return {
    async next() {
      for (;;) {
        const result = await source.next();
        if (result.done) return { done: true, value: undefined };
        const mapped = await map(result.value);
        if (mapped !== null) return { done: false, value: mapped };
      }
    },
    async return() {
      await source.return?.();
      return { done: true, value: undefined };
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}
