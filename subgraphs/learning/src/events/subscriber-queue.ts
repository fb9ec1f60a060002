/** What a subscriber has not taken yet: the newest state of each thing, in the order in which they first changed. */
export interface SubscriberQueue<T> extends AsyncIterableIterator<T> {
  push(key: string, value: T): void;
  /** Ends the iteration once the queue is empty; with `error`, at once. */
  end(error?: Error): void;
}

/** The subscriber takes events more slowly than they come; it has to read the state anew and subscribe again. */
export class SlowSubscriberError extends Error {
  override name = 'SlowSubscriberError';
  constructor() {
    super('Events come faster than this subscriber takes them: read the state anew, then subscribe again.');
  }
}

/**
 * A queue between one writer that never waits and one reader. A later state of the same key takes the place of the
 * earlier one, so that a slow reader skips states but never misses the last; beyond `limit` keys it is cut off.
 */
export function createSubscriberQueue<T>({
  limit,
  onEnd,
}: {
  limit: number;
  onEnd: () => void;
}): SubscriberQueue<T> {
  const waiting = new Map<string, T>();
  let wake: (() => void) | undefined;
  let ended = false;
  let failure: Error | undefined;

  const end = (error?: Error) => {
    if (ended) return;
    ended = true;
    failure = error;
    wake?.();
    onEnd();
  };

  return {
    push(key, value) {
      if (ended) return;
      if (!waiting.has(key) && waiting.size >= limit) end(new SlowSubscriberError());
      else waiting.set(key, value);
      wake?.();
    },
    end,
    async next() {
      for (;;) {
        if (failure) throw failure;
        const first = waiting.entries().next().value;
        if (first) {
          waiting.delete(first[0]);
          return { value: first[1], done: false };
        }
        if (ended) return { value: undefined, done: true };
        await new Promise<void>((resolve) => (wake = resolve));
      }
    },
    async return() {
      waiting.clear();
      end();
      return { value: undefined, done: true };
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}
