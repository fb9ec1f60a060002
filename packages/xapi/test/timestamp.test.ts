import { expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { isTimestamp, timestampMicros } from '../src/index.ts';
import { formatMicros } from '../src/timestamp.ts';

test('an instant is printed and read as the same one, before 1970 too', () => {
  const [min, max] = [
    timestampMicros('0001-01-01T00:00:00Z'),
    timestampMicros('9999-12-31T23:59:59.999999Z'),
  ];
  fc.assert(
    fc.property(fc.bigInt({ min, max }), (instant) => {
      const printed = formatMicros(instant);
      expect(isTimestamp(printed)).toBe(true);
      expect(timestampMicros(printed)).toBe(instant);
    }),
  );
});

test('the microsecond before 1970 is the last of 1969', () => {
  expect(formatMicros(-1n)).toBe('1969-12-31T23:59:59.999999Z');
});
