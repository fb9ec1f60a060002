import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createLogger, createMetrics } from '@lyceum/service';
import {
  createEventLog,
  createResumableTopic,
  CursorExpiredError,
  encodeEventCursor,
  InvalidCursorError,
  placeIn,
  UnreadableRecordError,
  type EventLog,
  type PlacedValue,
} from '../src/index.ts';
import { eventually } from './eventually.ts';

interface Value extends PlacedValue {
  readonly number: number;
}

const logger = createLogger({ service: 'test', level: 'silent' });
const directory = mkdtempSync(join(tmpdir(), 'lyceum-resume-'));
let log: EventLog;

beforeAll(async () => {
  log = await createEventLog({ directory, logger, clientId: 'test' });
});
afterAll(async () => {
  await log.close();
  rmSync(directory, { recursive: true });
});

let topics = 0;

/** A topic of numbers, some to a record, whose key is the organisation. */
function numbers({ limit = 10_000 }: { limit?: number } = {}) {
  topics += 1;
  const topic = `resume-${String(topics)}`;
  const metrics = createMetrics('test');
  const live = createResumableTopic<Value>({
    log,
    topic,
    logger,
    metrics,
    limit,
    read: (record) => {
      const text = record.value.toString();
      if (text === 'broken') throw new UnreadableRecordError(record.offset, 'it is broken');
      return (JSON.parse(text) as number[]).map((number, index) => ({
        organisationId: record.key,
        number,
        place: placeIn(record, index),
      }));
    },
  });
  const append = (values: number[] | 'broken', key = 'org_a') =>
    log.append([{ topic, key, value: values === 'broken' ? values : JSON.stringify(values) }]);
  const resume = (
    after: string,
    {
      accepts = () => true,
      refresh = async (missed) => Promise.resolve(missed),
    }: Partial<{
      accepts: (value: Value) => boolean;
      refresh: (missed: readonly Value[]) => Promise<readonly Value[]>;
    }> = {},
  ) => live.resume({ organisationId: 'org_a', accepts, after, refresh });
  const subscribers = async () =>
    Number(/\} (\d+)$/m.exec(await metrics.registry.getSingleMetricAsString('lyceum_live_subscribers'))?.[1]);
  return { topic, live, append, resume, subscribers };
}

async function take(values: AsyncIterableIterator<Value>, count: number): Promise<Value[]> {
  const taken: Value[] = [];
  while (taken.length < count) {
    const { done, value } = (await values.next()) as IteratorResult<Value, undefined>;
    if (done) break;
    taken.push(value);
  }
  return taken;
}

const cursorOf = ({ place }: Value) => encodeEventCursor(place);
const numbersOf = (values: readonly Value[]) => values.map(({ number }) => number);

/** The first value of a topic, which somebody had before they went away. */
async function firstOf({ live, append }: ReturnType<typeof numbers>, values = [0]): Promise<Value> {
  const subscriber = await live.subscribe('org_a', () => true);
  await append(values);
  const [first] = await take(subscriber, 1);
  await subscriber.return?.();
  return first!;
}

describe('a subscriber who comes back', () => {
  test('goes on behind what they had, with what was missed and then with what comes', async () => {
    const topic = numbers();
    const had = await firstOf(topic);
    await topic.append([1, 2]);
    await topic.append([3], 'org_b');
    await topic.append([4]);
    const values = await topic.resume(cursorOf(had));
    expect(numbersOf(await take(values, 3))).toEqual([1, 2, 4]);
    await topic.append([5]);
    expect(numbersOf(await take(values, 1))).toEqual([5]);
    await values.return?.();
    await topic.live.stop();
  });

  test('goes on in the midst of a record', async () => {
    const topic = numbers();
    const had = await firstOf(topic, [0, 1, 2]);
    const values = await topic.resume(cursorOf(had));
    const [one] = await take(values, 1);
    await values.return?.();
    const again = await topic.resume(cursorOf(one!));
    await topic.append([3]);
    expect(numbersOf([one!, ...(await take(again, 2))])).toEqual([1, 2, 3]);
    await topic.live.stop();
  });

  test('misses nothing and has nothing twice while others append, from whichever event on', async () => {
    const topic = numbers();
    const had = await firstOf(topic);
    // So that the tail that all share is open, and far ahead.
    const other = await topic.live.subscribe('org_a', () => true);
    const last = 600;
    const appending = (async () => {
      for (let number = 1; number <= last; number += 3) await topic.append([number, number + 1, number + 2]);
    })();
    let from = had;
    const seen: number[] = [];
    while (seen.at(-1) !== last) {
      const values = await topic.resume(cursorOf(from));
      const some = await take(values, Math.min(47, last - seen.length));
      await values.return?.();
      seen.push(...numbersOf(some));
      from = some.at(-1)!;
    }
    await appending;
    expect(seen).toEqual(Array.from({ length: last }, (_, index) => index + 1));
    await other.return?.();
    await topic.live.stop();
  });

  test('has nothing twice of what came while they joined those who listen', async () => {
    const topic = numbers();
    const had = await firstOf(topic);
    await topic.append([1]);
    let last = 1;
    const values = await topic.resume(cursorOf(had), {
      refresh: async (missed) => {
        // Always one more than they have read, until they have what comes from those who listen.
        if (last < 50) await topic.append([(last += 1)]);
        return missed;
      },
    });
    const seen: number[] = [];
    const reading = (async () => {
      while (seen.at(-1) !== 100) seen.push(...numbersOf(await take(values, 1)));
    })();
    await eventually(async () => {
      expect(await topic.subscribers()).toBe(1);
    });
    await topic.append([100]);
    await reading;
    expect(seen).toEqual([...Array.from({ length: last }, (_, index) => index + 1), 100]);
    await topic.live.stop();
  });

  test('is told what was missed as it is by then, and not what is refused by then', async () => {
    const topic = numbers();
    const had = await firstOf(topic);
    await topic.append([1, 2, 3]);
    const values = await topic.resume(cursorOf(had), {
      accepts: ({ number }) => number !== 2 && number !== 30,
      refresh: async (missed) =>
        Promise.resolve(missed.map((value) => ({ ...value, number: value.number * 10 }))),
    });
    await topic.append([4]);
    expect(numbersOf(await take(values, 1))).toEqual([10]);
    await topic.live.stop();
  });

  test('passes over a record that nobody can read', async () => {
    const topic = numbers();
    const had = await firstOf(topic);
    await topic.append('broken');
    await topic.append([1]);
    const values = await topic.resume(cursorOf(had));
    expect(numbersOf(await take(values, 1))).toEqual([1]);
    await topic.live.stop();
  });

  test('may leave while they wait, and nothing is read for them any more', async () => {
    const topic = numbers();
    const had = await firstOf(topic);
    const values = await topic.resume(cursorOf(had));
    const waiting = values.next();
    await eventually(async () => {
      expect(await topic.subscribers()).toBe(1);
    });
    await values.return?.();
    expect(await waiting).toEqual({ done: true, value: undefined });
    expect(await topic.subscribers()).toBe(0);
    await topic.live.stop();
  });

  test('waits while two of the organisation read what they missed, and then has their turn', async () => {
    const topic = numbers();
    const had = await firstOf(topic);
    await topic.append([1]);
    const [one, two] = [await topic.resume(cursorOf(had)), await topic.resume(cursorOf(had))];
    const third = topic.resume(cursorOf(had));
    const early = await Promise.race([third, take(one, 1).then(() => 'still waiting' as const)]);
    expect(early).toBe('still waiting');
    await two.return?.();
    expect(numbersOf(await take(await third, 1))).toEqual([1]);
    await topic.live.stop();
  });

  test('is cut off where they take live values too slowly, and goes on behind the last that they had', async () => {
    const topic = numbers({ limit: 3 });
    const had = await firstOf(topic);
    const values = await topic.resume(cursorOf(had));
    const first = values.next();
    await eventually(async () => {
      expect(await topic.subscribers()).toBe(1);
    });
    await topic.append([1]);
    const { value: last } = (await first) as { value: Value };
    await topic.append([2, 3, 4, 5, 6]);
    await eventually(async () => {
      expect(await topic.subscribers()).toBe(0);
    });
    await expect(values.next()).rejects.toMatchObject({ code: 'SLOW_SUBSCRIBER' });
    const again = await topic.resume(cursorOf(last));
    expect(numbersOf(await take(again, 5))).toEqual([2, 3, 4, 5, 6]);
    await topic.live.stop();
  });
});

describe('a cursor is refused', () => {
  test.each(['', 'nonsense', 'bm9uc2Vuc2U.0.0', 'bm9uc2Vuc2U.0'])(
    'that nobody gave out: %j',
    async (after) => {
      await expect(numbers().resume(after)).rejects.toThrow(InvalidCursorError);
    },
  );

  test('of another topic', async () => {
    const had = await firstOf(numbers());
    await expect(numbers().resume(cursorOf(had))).rejects.toThrow(InvalidCursorError);
  });

  test('of what the log does not have any more', async () => {
    const topic = numbers();
    const had = await firstOf(topic);
    const place = { ...had.place, offset: '4000000' };
    const expired = topic.resume(encodeEventCursor(place));
    await expect(expired).rejects.toThrow(CursorExpiredError);
    // Who was refused does not keep their turn.
    await expect(topic.resume(encodeEventCursor(place))).rejects.toThrow(CursorExpiredError);
    await expect(topic.resume(encodeEventCursor(place))).rejects.toThrow(CursorExpiredError);
  });
});
