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
