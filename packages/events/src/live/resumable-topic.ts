import type { Logger } from '@lyceum/service';
import { decodeCursor } from '../cursor.ts';
import { UnreadableRecordError } from '../errors.ts';
import type { LogRecord } from '../event-log.ts';
import { decodeEventCursor, type EventPlace, type ResumePoint } from './event-cursor.ts';
import { createLiveTopic, type LiveTopic, type LiveTopicOptions, type LiveValue } from './live-topic.ts';
import { readThrough } from './read-through.ts';
import { createTurns } from './turns.ts';

/** A value that says where it stands, so that whoever had it can go on behind it. */
export interface PlacedValue extends LiveValue {
  readonly place: EventPlace;
}

/** A live topic whose subscribers go on where they were, as far back as the log keeps what they missed. */
export interface ResumableTopic<T extends PlacedValue> extends LiveTopic<T> {
  /**
   * What comes after a value that somebody had, each once and none missing, and then what is appended. Who reads slowly what
   * was missed is waited for; from then on it is as with `subscribe`.
   *
   * @throws InvalidCursorError
   * @throws CursorExpiredError where retention has passed it; also later, from the iteration
   */
  resume(o: Resumption<T>): Promise<AsyncIterableIterator<T>>;
}

export interface Resumption<T> {
  readonly organisationId: string;
  readonly accepts: (value: T) => boolean;
  /** encodeEventCursor of the last value that the subscriber had. */
  readonly after: string;
  /** What was missed, as it is to be told now; in the same order, what is left out is not told. */
  readonly refresh: (missed: readonly T[]) => Promise<readonly T[]>;
}

/** Subscribers who read what they missed at once: each has a tail of its own until it has caught up. */
const catchingUp = { all: 16, each: 2 };

/** So few records were missed meanwhile that the rest is read while live values wait. */
const few = 100;

export function createResumableTopic<T extends PlacedValue>(options: LiveTopicOptions<T>): ResumableTopic<T> {
  const { log, topic } = options;
  const live = createLiveTopic(options);
  const turns = createTurns(catchingUp);
  const stopping = new AbortController();

  async function* missedThenLive(
    o: Resumption<T>,
    point: ResumePoint,
    turn: { end: () => void; signal: AbortSignal },
  ): AsyncGenerator<T, void, undefined> {
    let { cursor } = point;
    let queue: AsyncIterableIterator<T> | undefined;
    const { signal } = turn;
    try {
      for (let isJoined = false; !isJoined;) {
        // What is read once the queue is open reaches beyond where the queue begins.
        isJoined = queue !== undefined;
        let records = 0;
        for await (const record of readThrough({ log, topic, cursor, signal })) {
          yield* await toldBy(record, o, point, options);
          cursor = record.cursor;
          records += 1;
        }
        if (signal.aborted) return;
        if (records <= few) queue ??= await subscribed(o, signal);
      }
      turn.end();
      if (queue === undefined) return;
      const { next } = decodeCursor(topic, cursor);
      for await (const value of queue) {
        const { partition, offset } = value.place;
        if (BigInt(offset) >= (next.get(partition) ?? 0n)) yield value;
      }
    } finally {
      turn.end();
      await queue?.return?.();
    }
  }

  /** A queue of live values that ends with the signal, also while somebody waits for its next. */
  async function subscribed({ organisationId, accepts }: Resumption<T>, signal: AbortSignal) {
    const queue = await live.subscribe(organisationId, accepts);
    const leave = () => void queue.return?.();
    if (signal.aborted) leave();
    else signal.addEventListener('abort', leave, { once: true });
    return queue;
  }

  return {
    subscribe: (organisationId, accepts) => live.subscribe(organisationId, accepts),

    async resume(o) {
      const point = decodeEventCursor(topic, o.after);
      const end = await turns.take(o.organisationId);
      const leaving = new AbortController();
      const signal = AbortSignal.any([leaving.signal, stopping.signal]);
      try {
        await log.tail({ topic, from: { cursor: point.cursor }, signal }).ready;
      } catch (error) {
        end();
        throw error;
      }
      const values = missedThenLive(o, point, { end, signal });
      return endingAtOnce(values, () => {
        end();
        leaving.abort();
      });
    },

    async stop() {
      stopping.abort();
      await live.stop();
    },
  };
}

/** What a record says to a subscriber who missed it. */
async function toldBy<T extends PlacedValue>(
  record: LogRecord,
  { organisationId, accepts, refresh }: Resumption<T>,
  point: ResumePoint,
  { read, logger, topic }: LiveTopicOptions<T>,
): Promise<readonly T[]> {
  const had =
    record.partition === point.partition && BigInt(record.offset) === point.offset ? point.index : -1;
  const values = readable(() => read(record, new Set([organisationId])), { record, logger, topic });
  const missed = values.filter(
    (value) => value.organisationId === organisationId && value.place.index > had && accepts(value),
  );
  return missed.length === 0 ? missed : (await refresh(missed)).filter(accepts);
}

function readable<T>(
  read: () => readonly T[],
  { record, logger, topic }: { record: LogRecord; logger: Logger; topic: string },
): readonly T[] {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof UnreadableRecordError)) throw error;
    logger.warn(
      { err: error, topic, offset: record.offset },
      'a record that no subscriber can read was left out',
    );
    return [];
  }
}

/** A generator that is left also while its next value is waited for. */
function endingAtOnce<T>(
  values: AsyncGenerator<T, void, undefined>,
  leave: () => void,
): AsyncIterableIterator<T> {
  return {
    next: () => values.next(),
    async return() {
      leave();
      await values.return();
      return { done: true, value: undefined };
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}
