import { EventLogError } from '../errors.ts';

/** Values on their way to one subscriber. */
export interface SubscriberQueue<T> extends AsyncIterableIterator<T> {
  push(value: T): void;
  /** Ends the iteration once the queue is empty; with `error`, at once. */
  end(error?: Error): void;
  return(): Promise<IteratorResult<T>>;
}

/** The subscriber takes values more slowly than they come: what it has missed is not kept for it. */
export class SlowSubscriberError extends EventLogError {
  constructor(limit: number) {
    super(
      'SLOW_SUBSCRIBER',
      `The subscriber is more than ${limit} events behind: read the state, then subscribe anew.`,
    );
  }
}

/**
 * A queue between a writer that never waits and one reader. Where values have a key, a later one takes the place of
 * an earlier one of the same key: a slow reader skips states, but never misses the last. Beyond `limit` values the
 * reader is cut off, so that memory stays bounded.
 *
 * An iterator rather than a generator: `return` ends a `next` that waits.
 */
export function createSubscriberQueue<T>(options: {
  limit: number;
  keyOf?: ((value: T) => string) | undefined;
  onEnd: () => void;
}): SubscriberQueue<T> {
  const { limit, keyOf } = options;
  const waiting = new Map<string | number, T>();
  let pushed = 0;
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
      pushed += 1;
      const key = keyOf?.(value) ?? pushed;
      if (!waiting.has(key) && waiting.size >= limit) end(new SlowSubscriberError(limit));
      else waiting.set(key, value);
      wake?.();
    },
    end,
    async next() {
      while (waiting.size === 0 && !ended) await new Promise<void>((resolve) => (wake = resolve));
      if (failure) throw failure;
      const first = waiting.entries().next().value;
      if (!first) return { done: true, value: undefined };
      waiting.delete(first[0]);
      return { done: false, value: first[1] };
    },
    async return() {
      waiting.clear();
      end();
      return { done: true, value: undefined };
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}
