/** Events that a subgraph's subscription sends: every open iterator gets each one. */
export interface Topic<T> {
  publish(event: T): void;
  iterate(): AsyncIterableIterator<T>;
}

export function createTopic<T>(): Topic<T> {
  const readers = new Set<(event: T) => void>();
  return {
    publish(event) {
      for (const reader of readers) reader(event);
    },
    iterate() {
      const waiting: T[] = [];
      let left = false;
      let wake: ((result: IteratorResult<T>) => void) | undefined;
      const reader = (event: T) => {
        if (!wake) {
          waiting.push(event);
          return;
        }
        wake({ done: false, value: event });
        wake = undefined;
      };
      readers.add(reader);
      return {
        async next() {
          const event = waiting.shift();
          if (left) return { done: true, value: undefined };
          if (event !== undefined) return { done: false, value: event };
          return new Promise((resolve) => {
            wake = resolve;
          });
        },
        async return() {
          readers.delete(reader);
          left = true;
          wake?.({ done: true, value: undefined });
          return { done: true, value: undefined };
        },
        [Symbol.asyncIterator]() {
          return this;
        },
      };
    },
  };
}
