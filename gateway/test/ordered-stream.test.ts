import { describe, expect, test } from '@jest/globals';
import { createBacklog, type Backlog } from '../src/subscriptions/backlog.ts';
import { createOrderedStream, type Waiting } from '../src/subscriptions/ordered-stream.ts';

const tooSlow = new Error('too slow');

function streamOf(options: { capacity?: number; backlog?: Backlog; concurrency?: number } = {}) {
  const dropped: number[] = [];
  const stream = createOrderedStream<string, string>({
    resolve: async (event) => event,
    capacity: 100,
    backlog: createBacklog(1_000_000),
    concurrency: 8,
    onDrop: (count) => dropped.push(count),
    onOverflow: () => tooSlow,
    onEnd: () => undefined,
    ...options,
  });
  return {
    stream,
    push: (waiting: Waiting<string>) => stream.push(waiting),
    end: () => {
      stream.end();
    },
    dropped: () => dropped.reduce((sum, count) => sum + count, 0),
  };
}

const state = (key: string, event: string, bytes = 1) => ({ event, bytes, key });
const event = (text: string, bytes = 1) => ({ event: text, bytes });

/** What is delivered from here on, and with what it ends. */
async function rest(stream: AsyncIterable<string>): Promise<unknown[]> {
  const all: unknown[] = [];
  try {
    for await (const each of stream) all.push(each);
  } catch (error) {
    all.push(error);
  }
  return all;
}

describe('a stream whose reader is slow', () => {
  test('keeps the newest state of each object, in the order in which those came', async () => {
    const { stream, push, end, dropped } = streamOf({ capacity: 4 });
    for (const [key, text] of [
      ['a', 'a1'],
      ['a', 'a2'],
      ['b', 'b1'],
      ['a', 'a3'],
      ['b', 'b2'],
      ['c', 'c1'],
    ] as const) {
      expect(push(state(key, text))).toBe(true);
    }
    end();
    expect(await rest(stream)).toEqual(['a1', 'a3', 'b2', 'c1']);
    expect(dropped()).toBe(2);
  });

  test('drops nothing while there is room', async () => {
    const { stream, push, end, dropped } = streamOf({ capacity: 4 });
    for (const text of ['a1', 'a2', 'a3', 'a4']) push(state('a', text));
    end();
    expect(await rest(stream)).toEqual(['a1', 'a2', 'a3', 'a4']);
    expect(dropped()).toBe(0);
  });

  test('ends after what waits where no state can be left out', async () => {
    const { stream, push } = streamOf({ capacity: 2 });
    expect(push(state('a', 'a1'))).toBe(true);
    expect(push(state('b', 'b1'))).toBe(true);
    expect(push(state('c', 'c1'))).toBe(false);
    expect(push(state('a', 'a2'))).toBe(false);
    expect(await rest(stream)).toEqual(['a1', 'b1', tooSlow]);
  });

  test('never leaves out an event that tells no state', async () => {
    const { stream, push } = streamOf({ capacity: 2 });
    expect([push(event('1')), push(event('2')), push(event('3'))]).toEqual([true, true, false]);
    expect(await rest(stream)).toEqual(['1', '2', tooSlow]);
  });

  test('does not take back what its reader is being given', async () => {
    const { stream, push, end } = streamOf({ capacity: 1 });
    push(state('a', 'a1'));
    const first = stream.next();
    expect(push(state('a', 'a2'))).toBe(false);
    end();
    expect(await first).toEqual({ done: false, value: 'a1' });
  });
});

describe('bytes that wait', () => {
  test('are bounded, over the streams of one client', async () => {
    const backlog = createBacklog(100);
    const [one, other] = [streamOf({ backlog }), streamOf({ backlog })];
    expect(one.push(event('one', 60))).toBe(true);
    expect(other.push(event('other', 60))).toBe(false);
    expect(await rest(other.stream)).toEqual([tooSlow]);
    one.end();
    expect(await rest(one.stream)).toEqual(['one']);
  });

  test('make room when they are delivered, dropped or left', async () => {
    const backlog = createBacklog(100);
    const delivered = streamOf({ backlog });
    delivered.push(event('1', 100));
    await delivered.stream.next();
    expect(backlog.fits(100)).toBe(true);

    const dropped = streamOf({ backlog });
    for (const text of ['a1', 'a2', 'a3']) dropped.push(state('a', text, 40));
    expect(dropped.dropped()).toBe(1);
    await dropped.stream.return();
    expect(backlog.fits(100)).toBe(true);
    backlog.take(1);
    expect(backlog.fits(100)).toBe(false);
  });

  test('of one event may be more than the bound, where nothing else waits', async () => {
    const { stream, push, end } = streamOf({ backlog: createBacklog(100) });
    expect(push(event('large', 1_000))).toBe(true);
    expect(push(event('small', 1))).toBe(false);
    end();
    expect(await rest(stream)).toEqual(['large', tooSlow]);
  });
});
