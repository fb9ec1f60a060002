import { describe, expect, test } from '@jest/globals';
import { createRecentlyUsed } from '../src/recently-used.ts';

const entryOf = (size: number) => ({ size });

describe('the cache of plans', () => {
  test('is bounded by the size of what it holds: those that were used longest ago go first', () => {
    const plans = createRecentlyUsed(10_000);
    plans.set('a', entryOf(4_000));
    plans.set('b', entryOf(4_000));
    plans.get('a');
    plans.set('c', entryOf(4_000));
    expect(plans.get('b')).toBeUndefined();
    expect(plans.get('a')).toBeDefined();
    expect(plans.get('c')).toBeDefined();
  });

  test('holds many small plans', () => {
    const plans = createRecentlyUsed(1_000_000);
    for (let index = 0; index < 3_000; index += 1) plans.set(`${index}`, entryOf(100));
    expect(plans.get('0')).toBeDefined();
  });

  test('counts a plan once that is stored again', () => {
    const plans = createRecentlyUsed(10_000);
    for (let time = 0; time < 5; time += 1) plans.set('a', entryOf(4_000));
    plans.set('b', entryOf(4_000));
    expect(plans.get('a')).toBeDefined();
  });

  test('holds the newest plan however large it is', () => {
    const plans = createRecentlyUsed(10);
    plans.set('a', entryOf(1_000));
    expect(plans.get('a')).toBeDefined();
  });
});
