/** Hands what is published to every subscriber that accepts it. */
export interface LiveFeed<T> {
  readonly publish: (value: T) => void;
  /**
   * Everything accepted that is published from now on, until `return` is called or the feed closes. A subscriber that
   * falls more than `limit` values behind is ended with {@link SlowSubscriberError}, so that memory stays bounded.
   */
  readonly subscribe: (accepts: (value: T) => boolean) => AsyncIterableIterator<T>;
  /** How many subscribe at this moment. */
  readonly size: () => number;
  /** Ends all subscriptions. */
  readonly close: () => void;
}

/** A subscriber took too long: what it has missed is not kept for it. */
export class SlowSubscriberError extends Error {
  override name = 'SlowSubscriberError';
}

interface Subscriber<T> {
  readonly accepts: (value: T) => boolean;
  readonly queue: T[];
  /** Called when there is something to look at: a value, or the end. */
  wake: () => void;
  ended: boolean;
  failure?: Error;
}

export function createLiveFeed<T>({ limit = 1_000 }: { limit?: number } = {}): LiveFeed<T> {
  const subscribers = new Set<Subscriber<T>>();
  const end = (subscriber: Subscriber<T>) => {
    subscriber.ended = true;
    subscribers.delete(subscriber);
    subscriber.wake();
  };
  return {
    publish: (value) => {
      for (const subscriber of subscribers)
        if (subscriber.accepts(value)) push(subscriber, value, limit, end);
    },
    subscribe: (accepts) => {
      const subscriber: Subscriber<T> = { accepts, queue: [], wake: () => undefined, ended: false };
      subscribers.add(subscriber);
      return iteratorOf(subscriber, end);
    },
    size: () => subscribers.size,
    close: () => {
      for (const subscriber of subscribers) end(subscriber);
    },
  };
}

function push<T>(
  subscriber: Subscriber<T>,
  value: T,
  limit: number,
  end: (subscriber: Subscriber<T>) => void,
): void {
  if (subscriber.queue.length < limit) {
    subscriber.queue.push(value);
    subscriber.wake();
    return;
  }
  subscriber.failure = new SlowSubscriberError(
    `The subscriber is more than ${limit} events behind: subscribe anew.`,
  );
  end(subscriber);
}

/** An iterator, not a generator: `return` ends a `next` that waits, which a generator would leave waiting. */
function iteratorOf<T>(
  subscriber: Subscriber<T>,
  end: (subscriber: Subscriber<T>) => void,
): AsyncIterableIterator<T> {
  return {
    async next() {
      while (subscriber.queue.length === 0 && !subscriber.ended) {
        await new Promise<void>((resolve) => (subscriber.wake = resolve));
      }
      if (subscriber.failure) throw subscriber.failure;
      const value = subscriber.queue.shift();
      return value === undefined ? { done: true, value } : { done: false, value };
    },
    async return() {
      subscriber.queue.length = 0;
      end(subscriber);
      return { done: true, value: undefined };
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}
