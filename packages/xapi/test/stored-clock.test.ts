import { expect, test } from '@jest/globals';
import { createStoredClock } from '../src/stored-clock.ts';
import { formatMicros, isTimestamp, timestampMicros } from '../src/timestamp.ts';

test('stored never repeats and never goes back, though the system clock does', () => {
  const times = [1000, 1000, 999, 1001, 5];
  const clock = createStoredClock(() => times.shift() ?? 0);
  const read = Array.from({ length: 5 }, () => clock.next());
  expect(read).toEqual([
    '1970-01-01T00:00:01.000000Z',
    '1970-01-01T00:00:01.000001Z',
    '1970-01-01T00:00:01.000002Z',
    '1970-01-01T00:00:01.001000Z',
    '1970-01-01T00:00:01.001001Z',
  ]);
});

test('a burst within one millisecond carries over into the next', () => {
  const clock = createStoredClock(() => 0);
  const read = Array.from({ length: 2500 }, () => clock.next());
  expect(new Set(read).size).toBe(2500);
  expect(read.at(-1)).toBe('1970-01-01T00:00:00.002500Z');
});

test('after a step back it goes on, half as fast as time, until the system clock has come up with it', () => {
  let [system, elapsed] = [3_600_000, 0];
  const clock = createStoredClock(
    () => system,
    () => elapsed,
  );
  expect(clock.next()).toBe('1970-01-01T01:00:00.000000Z');
  system = 0;
  expect(clock.next()).toBe('1970-01-01T01:00:00.000001Z');
  [system, elapsed] = [60_000, 60_000];
  expect(clock.next()).toBe('1970-01-01T01:00:30.000000Z');
  [system, elapsed] = [7_210_000, 7_210_000];
  expect(clock.next()).toBe('1970-01-01T02:00:10.000000Z');
});

test('what it is now is no earlier than what was read, and earlier than what will be', () => {
  let system = 2_000;
  const clock = createStoredClock(() => system);
  const read = clock.next();
  expect(clock.current()).toBe(read);
  system = 3_000;
  expect(clock.current()).toBe('1970-01-01T00:00:03.000000Z');
  system = 0;
  expect(clock.next()).toBe('1970-01-01T00:00:03.000001Z');
});

test('it goes on from what another clock has read', () => {
  const clock = createStoredClock(() => 1_000);
  clock.advance('1970-01-01T00:00:05.000007Z');
  expect(clock.next()).toBe('1970-01-01T00:00:05.000008Z');
  clock.advance('1970-01-01T00:00:02Z');
  expect(clock.next() > '1970-01-01T00:00:05.000008Z').toBe(true);
});

test.each([
  ['2026-11-21T10:00:00.1234567+01:30', '2026-11-21T08:30:00.123456Z'],
  ['2026-11-21T10:00Z', '2026-11-21T10:00:00.000000Z'],
  ['2026-11-21T10:00:00-05', '2026-11-21T15:00:00.000000Z'],
  ['2016-12-31T23:59:60Z', '2017-01-01T00:00:00.000000Z'],
  ['0001-01-01T24:00:00', '0001-01-02T00:00:00.000000Z'],
])('%s is the instant %s', (text, instant) => {
  expect(isTimestamp(text)).toBe(true);
  expect(formatMicros(timestampMicros(text))).toBe(instant);
});
