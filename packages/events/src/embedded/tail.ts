import { decodeCursor, encodeCursor } from '../cursor.ts';
import { CursorExpiredError } from '../errors.ts';
import type { LogRecord, Tail, TailOptions } from '../event-log.ts';
import { createMilestone, type Milestone } from '../milestone.ts';
import { offsetAtTime, readRecords } from './read.ts';
import type { LogStore } from './store.ts';
import { partitionsOf, selectPartition, type Topic } from './topics.ts';
import type { Watch } from './watch.ts';

export interface EmbeddedTailOptions extends TailOptions {
  readonly store: LogStore;
  readonly watch: Watch;
  openTopic(): Promise<Topic>;
}

/** What is read ahead of the reader: one round over the partitions. */
const LIMITS = { maxRecords: 256, maxBytes: 2 ** 20 };

/** For each partition, the offset to read next. */
type Positions = Map<number, number>;

export function createTail(options: EmbeddedTailOptions): Tail {
  const start = locate(options);
  const ready = start.then(({ topic, positions }) => cursorAt(topic.name, Date.now(), positions));
  // Who only iterates gets the reason from the iteration.
  ready.catch(() => undefined);
  const caughtUp = createMilestone();
  return {
    ready,
    caughtUp: caughtUp.reached,
    [Symbol.asyncIterator]: () => records(options, start, caughtUp),
  };
}

interface Start {
  readonly topic: Topic;
  readonly positions: Positions;
  /** Where the partitions ended when the tail began. */
  readonly ends: Positions;
}

async function locate(options: EmbeddedTailOptions): Promise<Start> {
  const { store } = options;
  const topic = await options.openTopic();
  store.refresh();
  const ends = new Map(
    partitionsOf(topic).map((each) => [each, selectPartition(store, topic, each).next] as const),
  );
  return { topic, positions: positionsOf(options, topic), ends };
}

function positionsOf({ store, from }: EmbeddedTailOptions, topic: Topic): Positions {
  const ends = new Map(partitionsOf(topic).map((each) => [each, selectPartition(store, topic, each)]));
  if (from === 'now') return new Map([...ends].map(([partition, { next }]) => [partition, next]));
  if ('since' in from) {
    const at = from.since.getTime();
    return new Map([...ends.keys()].map((each) => [each, offsetAtTime(store, topic, each, at)]));
  }
  const { at, next } = decodeCursor(topic.name, from.cursor);
  return new Map(
    [...ends].map(([partition, end]) => {
      const known = next.get(partition);
      if (known === undefined) return [partition, offsetAtTime(store, topic, partition, at)];
      // Beyond the end: the log was made anew since the cursor was given.
      if (known < end.start || known > end.next) throw new CursorExpiredError(topic.name);
      return [partition, Number(known)];
    }),
  );
}

async function* records(
  { store, watch, signal }: EmbeddedTailOptions,
  start: ReturnType<typeof locate>,
  caughtUp: Milestone,
): AsyncGenerator<LogRecord, void, undefined> {
  const { topic, positions: initial, ends } = await start;
  const positions = new Map(initial);
  while (!signal.aborted) {
    if ([...ends].every(([partition, end]) => (positions.get(partition) ?? 0) >= end)) caughtUp.reach();
    store.refresh();
    const round = readRound(store, topic, positions);
    if (round.length === 0) await watch.records(topic, positions, signal);
    for (const record of round) {
      if (isAborted(signal)) return;
      positions.set(record.partition, Number(record.offset) + 1);
      yield { ...record, cursor: cursorAt(record.topic, record.appendedAt.getTime(), positions) };
    }
  }
}

/** The reader may abort while it holds a record: the compiler believes that the loop's test still stands. */
function isAborted(signal: AbortSignal): boolean {
  return signal.aborted;
}

/** Some records of every partition, the oldest first. */
function readRound(store: LogStore, topic: Topic, positions: Positions): LogRecord[] {
  const found = [...positions].flatMap(([partition, from]) => {
    if (from < selectPartition(store, topic, partition).start) throw new CursorExpiredError(topic.name);
    return readRecords(store, topic, partition, from, LIMITS);
  });
  return found.sort((a, b) => a.appendedAt.getTime() - b.appendedAt.getTime());
}

function cursorAt(topic: string, at: number, positions: Positions): string {
  const next = new Map([...positions].map(([partition, offset]) => [partition, BigInt(offset)]));
  return encodeCursor({ topic, at, next });
}
