/** Values on their way to one subscriber. */
export interface SubscriberQueue<T> extends AsyncIterableIterator<T> {
  push(value: T): void;
  /** Ends the iteration once the queue is empty; with `error`, at once. */
  end(error?: Error): void;
  return(): Promise<IteratorResult<T>>;
}

/** The subscriber takes values more slowly than they come: what it has missed is not kept for it. */
export class SlowSubscriberError extends Error {
  override name = 'SlowSubscriberError';
}

/**
 * A queue between a writer that never waits and a reader. Beyond `limit` values the reader is cut off, so that memory
 * stays bounded. An iterator rather than a generator: `return` ends a `next` that waits.
 */
export function createSubscriberQueue<T>(options: { limit: number; onEnd: () => void }): SubscriberQueue<T> {
  const waiting: T[] = [];
  let wake: (() => void) | undefined;
  let ended = false;
  let failure: Error | undefined;

  const end = (error?: Error) => {
    if (ended) return;
    ended = true;
    failure = error;
    wake?.();
    options.onEnd();
  };

  return {
    push(value) {
      if (ended) return;
      if (waiting.length < options.limit) waiting.push(value);
      else
        end(new SlowSubscriberError(`The subscriber is ${options.limit} statements behind: subscribe anew.`));
      wake?.();
    },
    end,
    async next() {
      while (waiting.length === 0 && !ended) await new Promise<void>((resolve) => (wake = resolve));
      if (failure) throw failure;
      const value = waiting.shift();
      return value === undefined ? { done: true, value } : { done: false, value };
    },
    async return() {
      waiting.length = 0;
      end();
      return { done: true, value: undefined };
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}
