import { randomInt } from 'node:crypto';
import { expect, test } from '@jest/globals';
import { runChaos } from '../chaos/run-chaos.ts';

// A few kills of what `npm run chaos` does by the hundred (chaos/README.md).

const kills = 5;

test('kill -9 of any process of the LRS, at random moments: it keeps its promises', async () => {
  const seed = randomInt(2 ** 31);
  const said: string[] = [];
  const { faults, killed, ...figures } = await runChaos(
    { kills, seed, kafka: false, pauseSeconds: 2, only: [] },
    (line) => said.push(line),
  );
  // What it says with it is how to have the same chance again: `npm run chaos -- --kills 5 --seed N`.
  expect({ seed, faults, said: faults.length > 0 ? said : [] }).toEqual({ seed, faults: [], said: [] });
  expect(Object.values(killed).reduce((sum, times) => sum + times, 0)).toBe(kills);
  expect(figures.accepted).toBeGreaterThan(100);
}, 300_000);
