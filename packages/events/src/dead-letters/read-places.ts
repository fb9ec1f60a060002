import { encodeCursor } from '../cursor.ts';
import { CursorExpiredError } from '../errors.ts';
import type { EventLog, LogRecord } from '../event-log.ts';
import type { DeadLetter } from './dead-letter.ts';

/** Places that lie further apart are read each by itself. */
const nearby = 50n;

/**
 * The records at some places of the log, by the ids of the dead letters that they are; without those that retention has
 * removed. Those that lie near each other are read together: on Kafka a reader takes seconds to begin.
 */
export async function readPlaces(
  log: Pick<EventLog, 'tail'>,
  letters: readonly DeadLetter[],
  patienceMs: number,
): Promise<Map<string, LogRecord>> {
  const found = new Map<string, LogRecord>();
  const signal = AbortSignal.timeout(patienceMs);
  for (const run of runsOf(letters)) await readRun(log, run, found, signal);
  return found;
}

async function readRun(
  log: Pick<EventLog, 'tail'>,
  run: readonly DeadLetter[],
  found: Map<string, LogRecord>,
  timeout: AbortSignal,
): Promise<void> {
  const [first, last] = [run[0]?.place, run.at(-1)?.place];
  if (first === undefined || last === undefined) return;
  const ended = new AbortController();
  const { topic, partition } = first;
  // Of another partition, had it any, from the time on: it is not looked at.
  const cursor = encodeCursor({ topic, at: Date.now(), next: new Map([[partition, first.offset]]) });
  const signal = AbortSignal.any([timeout, ended.signal]);
  try {
    for await (const record of log.tail({ topic, from: { cursor }, signal })) {
      if (record.partition !== partition) continue;
      const letter = run.find(({ place }) => String(place.offset) === record.offset);
      if (letter !== undefined) found.set(letter.id, record);
      if (BigInt(record.offset) >= last.offset) break;
    }
  } catch (error) {
    if (!(error instanceof CursorExpiredError)) throw error;
  } finally {
    ended.abort();
  }
  timeout.throwIfAborted();
}

function runsOf(letters: readonly DeadLetter[]): DeadLetter[][] {
  const key = ({ place: { topic, partition } }: DeadLetter) => `${topic}/${partition}`;
  const sorted = letters.toSorted((one, other) =>
    key(one) === key(other) ? Number(one.place.offset - other.place.offset) : key(one) < key(other) ? -1 : 1,
  );
  const runs: DeadLetter[][] = [];
  for (const letter of sorted) {
    const run = runs.at(-1);
    const before = run?.at(-1);
    const isNear =
      before && key(before) === key(letter) && letter.place.offset - before.place.offset <= nearby;
    if (run && isNear) run.push(letter);
    else runs.push([letter]);
  }
  return runs;
}
