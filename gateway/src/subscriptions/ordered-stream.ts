import type { Backlog } from './backlog.ts';
import { over, type Delivery } from './delivery.ts';

/** An event as it waits for its reader. */
export interface Waiting<Event> {
  readonly event: Event;
  readonly bytes: number;
  /** What it tells the state of: a later event of the same key makes this one needless. */
  readonly key?: string | undefined;
}

/** Events come in by `push`, results leave by iteration, in the order of the events. */
export interface OrderedStream<Event, Result> extends Delivery<Result> {
  /** Whether it will be delivered, unless the reader leaves or a later one of its key takes its place. */
  push(waiting: Waiting<Event>): boolean;
  /** Ends the stream after what is already in it; an error is thrown to the reader then. */
  end(error?: Error): void;
}

interface Entry<Event, Result> extends Waiting<Event> {
  result?: Promise<Result>;
}

/**
 * Resolves up to `concurrency` events at a time, so that one that waits for a subgraph does not hold up the next,
 * and delivers them in order.
 *
 * When too many events wait for a slow reader, or too many bytes of them, those are dropped whose key a later one has.
 * Where that makes no room, the stream ends with `onOverflow()` after what waits.
 *
 * @param options.resolve must not reject.
 * @param options.capacity events that may wait.
 * @param options.backlog bytes that may wait, which several streams may share.
 * @param options.onDrop called with how many events were dropped.
 * @param options.onEnd called once, when no more events are wanted: the reader left, or the stream ended.
 */
export function createOrderedStream<Event, Result>(options: {
  resolve: (event: Event) => Promise<Result>;
  capacity: number;
  backlog: Backlog;
  concurrency: number;
  onDrop: (count: number) => void;
  onOverflow: () => Error;
  onEnd: () => void;
}): OrderedStream<Event, Result> {
  const { resolve, capacity, backlog, concurrency, onDrop, onOverflow, onEnd } = options;
  let entries: Entry<Event, Result>[] = [];
  let ended = false;
  let failure: Error | undefined;
  let wake: () => void = () => undefined;

  function startSome(): void {
    for (let index = 0; index < Math.min(concurrency, entries.length); index += 1) void begin(entries[index]);
  }

  function begin(entry: Entry<Event, Result> | undefined): Promise<Result> | undefined {
    if (entry) entry.result ??= resolve(entry.event);
    return entry?.result;
  }

  const hasRoom = (bytes: number) => entries.length < capacity && backlog.fits(bytes);

  /** The first is what the reader is being given: it stays. */
  function dropSuperseded(next: string | undefined): void {
    const later = new Set(next === undefined ? [] : [next]);
    const kept: Entry<Event, Result>[] = [];
    for (const entry of entries.toReversed()) {
      const { key, bytes } = entry;
      if (entry !== entries[0] && key !== undefined && later.has(key)) backlog.give(bytes);
      else kept.push(entry);
      if (key !== undefined) later.add(key);
    }
    onDrop(entries.length - kept.length);
    entries = kept.reverse();
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
    push(waiting) {
      if (ended) return false;
      if (!hasRoom(waiting.bytes)) dropSuperseded(waiting.key);
      if (!hasRoom(waiting.bytes)) {
        end(onOverflow());
        return false;
      }
      backlog.take(waiting.bytes);
      entries.push({ ...waiting });
      startSome();
      wake();
      return true;
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
      const first = value === undefined ? undefined : entries.shift();
      if (value === undefined || first === undefined) return over;
      backlog.give(first.bytes);
      startSome();
      return { done: false, value };
    },
    async return() {
      for (const { bytes } of entries) backlog.give(bytes);
      entries = [];
      end();
      return over;
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}
