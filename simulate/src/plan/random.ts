import { createHash } from 'node:crypto';

/** A stream of pseudo-random numbers that its seed decides. */
export interface Random {
  /** From 0 up to, but not, 1. */
  next(): number;
  /** A whole number, both ends included. */
  between(least: number, most: number): number;
  /** True with this probability. */
  chance(probability: number): boolean;
  pick<T>(from: readonly T[]): T;
  /** The index of a weight, as likely as the weight is large. */
  weighted(weights: readonly number[]): number;
}

/**
 * sfc32 by Chris Doty-Humphrey (PractRand), seeded by SHA-256: streams of different labels don't touch each other, so
 * that a change to one learner leaves all others as they were.
 */
export function createRandom(seed: number, label: string): Random {
  const digest = createHash('sha256').update(`${seed}/${label}`).digest();
  const next = sfc32(digest.readInt32LE(0), digest.readInt32LE(4), digest.readInt32LE(8), 1);
  return {
    next,
    between: (least, most) => least + Math.floor(next() * (most - least + 1)),
    chance: (probability) => next() < probability,
    pick: (from) => {
      const picked = from[Math.floor(next() * from.length)];
      if (picked === undefined) throw new Error('Nothing to pick from');
      return picked;
    },
    weighted: (weights) => {
      let left = next() * weights.reduce((sum, weight) => sum + weight, 0);
      const index = weights.findIndex((weight) => (left -= weight) < 0);
      return index < 0 ? weights.length - 1 : index;
    },
  };
}

function sfc32(a: number, b: number, c: number, counter: number): () => number {
  const next = () => {
    const sum = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + sum) | 0;
    return (sum >>> 0) / 4_294_967_296;
  };
  // The generator's author runs it a little before its output counts.
  for (let round = 0; round < 12; round += 1) next();
  return next;
}
