import { describe, expect, test } from '@jest/globals';
import { ArgumentsError, parseArguments } from '../src/arguments.ts';
import { percentile } from '../src/report/percentile.ts';

describe('arguments', () => {
  test('have defaults, and a seed of the caller’s', () => {
    expect(parseArguments([], 42)).toEqual({ learners: 200, rate: 50, minutes: 5, seed: 42 });
  });

  test('are taken as they are given', () => {
    const given = ['--learners', '10', '--rate', 'max', '--minutes', '0.5', '--seed', '7'];
    expect(parseArguments(given, 42)).toEqual({ learners: 10, rate: 'max', minutes: 0.5, seed: 7 });
  });

  test('are refused all at once', () => {
    const wrong = ['--learners', '0', '--rate', 'fast', '--minutes', '0', '--seed', '1.5'];
    expect(() => parseArguments(wrong, 1)).toThrow(ArgumentsError);
    expect(() => parseArguments(wrong, 1)).toThrow(/--learners.*\n--rate.*\n--minutes.*\n--seed/);
    expect(() => parseArguments(['--speed', '3'], 1)).toThrow(/--speed/);
  });
});

test('a percentile is the nearest rank', () => {
  const values = Array.from({ length: 100 }, (_, index) => index + 1);
  expect([0.5, 0.95, 0.99, 1].map((share) => percentile(values, share))).toEqual([50, 95, 99, 100]);
  expect(percentile([], 0.5)).toBeNaN();
});
