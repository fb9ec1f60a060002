import { randomInt } from 'node:crypto';

/** Where a key lies in this process's tables: two words that nobody outside can foresee. */
export interface KeyHash {
  place: number;
  mark: number;
}

/** Hashes keys of 16 bytes of one namespace. What it gives is overwritten by the next. */
export type HashKey = (keys: Buffer, at: number) => KeyHash;

export interface KeyHasher {
  of(namespace: string): HashKey;
}

const rememberedLimit = 1_000;

/** Seeded anew in each process: keys come from clients, who must not choose ones that all fall together. */
export function createKeyHasher(): KeyHasher {
  const seeds = [randomInt(2 ** 32), randomInt(2 ** 32)] as const;
  const known = new Map<string, HashKey>();
  return {
    of(namespace) {
      const found = known.get(namespace);
      if (found !== undefined) return found;
      if (known.size >= rememberedLimit) known.clear();
      const made = createHashKey(textHash(namespace, seeds[0]), textHash(namespace, seeds[1]));
      known.set(namespace, made);
      return made;
    },
  };
}

function createHashKey(placeSeed: number, markSeed: number): HashKey {
  const hash: KeyHash = { place: 0, mark: 0 };
  return (keys, at) => {
    const a = keys.readInt32LE(at);
    const b = keys.readInt32LE(at + 4);
    const c = keys.readInt32LE(at + 8);
    const d = keys.readInt32LE(at + 12);
    hash.place = mix(placeSeed, a, b, c, d);
    hash.mark = mix(markSeed, d, c, b, a);
    return hash;
  };
}

function mix(seed: number, a: number, b: number, c: number, d: number): number {
  let hash = Math.imul(seed ^ a, 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13) ^ b, 0xc2b2ae35);
  hash = Math.imul(hash ^ (hash >>> 16) ^ c, 0x27d4eb2f);
  hash = Math.imul(hash ^ (hash >>> 15) ^ d, 0x165667b1);
  hash = Math.imul(hash ^ (hash >>> 13), 0x85ebca6b);
  return (hash ^ (hash >>> 16)) >>> 0;
}

function textHash(text: string, seed: number): number {
  let hash = seed;
  for (let at = 0; at < text.length; at += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
    hash ^= hash >>> 15;
  }
  return hash;
}
