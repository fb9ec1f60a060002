/** Chance that can be had again: the same seed gives the same numbers. */
export interface Random {
  /** 0 up to, but without, 1. */
  next(): number;
  /** 0 up to, but without, `limit`. */
  below(limit: number): number;
  pick<T>(from: readonly T[]): T;
  bytes(count: number): Buffer;
  /** A UUID, as version 4. */
  uuid(): string;
  /** Chance of its own, for somebody who draws at times of their own. */
  fork(): Random;
}

/** mulberry32 (Tommy Ettinger, public domain): 32 bits of state are plenty to choose victims by. */
export function createRandom(seed: number): Random {
  let state = seed >>> 0;

  function next(): number {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  const below = (limit: number) => Math.floor(next() * limit);
  const bytes = (count: number) => Buffer.from(Array.from({ length: count }, () => below(256)));
  return {
    next,
    below,
    bytes,
    pick: <T>(from: readonly T[]) => from[below(from.length)] as T,
    uuid() {
      const raw = bytes(16);
      raw[6] = ((raw[6] ?? 0) & 0x0f) | 0x40;
      raw[8] = ((raw[8] ?? 0) & 0x3f) | 0x80;
      return raw.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
    },
    fork: () => createRandom(below(2 ** 32)),
  };
}
