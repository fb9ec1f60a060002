/** Each value as the field of a subscription. Not a generator: `return` then also ends a `next` that waits. */
export function asField<T, Field>(
  values: AsyncIterableIterator<T>,
  name: (value: T) => Field,
): AsyncIterableIterator<Field> {
  return {
    async next() {
      const next = await values.next();
      return next.done ? { done: true, value: undefined } : { done: false, value: name(next.value) };
    },
    async return() {
      await values.return?.();
      return { done: true, value: undefined };
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}
