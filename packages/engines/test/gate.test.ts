import { expect, test } from '@jest/globals';
import { createGate } from '../src/clickhouse/gate.ts';

const never = new AbortController().signal;

test('lets no more in than it has places, in the order in which they came', async () => {
  const gate = createGate(2);
  const first = await gate.enter(never);
  const second = await gate.enter(never);
  expect(new Set([first.number, second.number])).toEqual(new Set([0, 1]));
  const order: string[] = [];
  const third = gate.enter(never).then((place) => (order.push('third'), place));
  const fourth = gate.enter(never).then((place) => (order.push('fourth'), place));
  second.leave();
  expect((await third).number).toBe(second.number);
  expect(order).toEqual(['third']);
  first.leave();
  expect((await fourth).number).toBe(first.number);
});

test('somebody who gives up waiting takes no place', async () => {
  const gate = createGate(1);
  const inside = await gate.enter(never);
  const impatient = new AbortController();
  const waiting = gate.enter(impatient.signal);
  impatient.abort(new Error('gone'));
  await expect(waiting).rejects.toThrow('gone');
  inside.leave();
  expect((await gate.enter(never)).number).toBe(0);
});
