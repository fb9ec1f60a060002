import { over, type Delivery } from './delivery.ts';

/** Events come in by `push`, results leave by iteration, in the order of the events. */
export interface OrderedStream<Event, Result> extends Delivery<Result> {
  push(event: Event): void;
  /** Ends the stream after what is already in it; an error is thrown to the reader then. */
  end(error?: Error): void;
}

interface Entry<Result> {
  start(): Promise<Result>;
  result?: Promise<Result>;
}

/**
 * Resolves up to `concurrency` events at a time, so that one that waits for a subgraph does not hold up the next,
 * and delivers them in order.
 *
 * @param options.resolve must not reject.
 * @param options.capacity events that may wait for a slow reader; one more ends the stream with `onOverflow()`.
 * @param options.onEnd called once, when no more events are wanted: the reader left, or the stream ended.
 */
export function createOrderedStream<Event, Result>(options: {
  resolve: (event: Event) => Promise<Result>;
  capacity: number;
  concurrency: number;
  onOverflow: () => Error;
  onEnd: () => void;
}): OrderedStream<Event, Result> {
  const { resolve, capacity, concurrency, onOverflow, onEnd } = options;
  const entries: Entry<Result>[] = [];
  let ended = false;
  let failure: Error | undefined;
  let wake: () => void = () => undefined;

  function startSome(): void {
    for (let index = 0; index < Math.min(concurrency, entries.length); index += 1) void begin(entries[index]);
  }

  function end(error?: Error): void {
    if (ended) return;
    ended = true;
    failure = error;
    onEnd();
    wake();
  }

  function finish(): IteratorResult<Result, undefined> {
    const error = failure;
    failure = undefined;
    if (error) throw error;
    return over;
  }

  return {
    push(event) {
      if (ended) return;
      if (entries.length >= capacity) {
        end(onOverflow());
        return;
      }
      entries.push({ start: () => resolve(event) });
      startSome();
      wake();
    },
    end,
    async next() {
      while (entries.length === 0) {
        if (ended) return finish();
        await new Promise<void>((woken) => {
          wake = woken;
        });
      }
      const value = await begin(entries[0]);
      // The reader may have left meanwhile.
      if (value === undefined || entries.shift() === undefined) return over;
      startSome();
      return { done: false, value };
    },
    async return() {
      entries.length = 0;
      end();
      return over;
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}

function begin<Result>(entry: Entry<Result> | undefined): Promise<Result> | undefined {
  if (entry) entry.result ??= entry.start();
  return entry?.result;
}
