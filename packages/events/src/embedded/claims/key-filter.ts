import type { KeyHash } from './key-hash.ts';

/**
 * All keys that were ever claimed, as a filter: `false` is certain, `true` is wrong for one or two in ten thousand. A
 * blocked Bloom filter (Putze, Sanders, Singler: Cache-, Hash- and Space-Efficient Bloom Filters, 2007) in layers, each
 * twice as large as the one before, since nobody knows how many will come.
 */
export interface KeyFilter {
  add(hash: KeyHash): void;
  mayHave(hash: KeyHash): boolean;
  readonly bytes: number;
}

/** A block is a cache line. */
const wordsOfBlock = 16;
const bitsOfBlock = 512;
const bitsOfKey = 32;
const hashes = 8;

/** Blocks of the first layer (64 kB) and of the largest (64 MB). */
const smallestLayer = 2 ** 10;
const largestLayer = 2 ** 20;

interface Layer {
  readonly words: Uint32Array;
  readonly blocks: number;
  count: number;
}

export function createKeyFilter(): KeyFilter {
  let newest = createLayer(smallestLayer);
  const layers = [newest];

  function grow(): void {
    newest = createLayer(Math.min(newest.blocks * 2, largestLayer));
    layers.push(newest);
  }

  return {
    add(hash) {
      if (newest.count >= (newest.blocks * bitsOfBlock) / bitsOfKey) grow();
      newest.count += 1;
      setBits(newest, hash);
    },
    mayHave: (hash) => layers.some((layer) => hasBits(layer, hash)),
    get bytes() {
      return layers.reduce((sum, { words }) => sum + words.byteLength, 0);
    },
  };
}

function createLayer(blocks: number): Layer {
  return { words: new Uint32Array(blocks * wordsOfBlock), blocks, count: 0 };
}

function setBits({ words, blocks }: Layer, { place, mark }: KeyHash): void {
  const start = (place & (blocks - 1)) * wordsOfBlock;
  const step = stepOf(place);
  for (let turn = 0, word = mark; turn < hashes; turn += 1, word = (word + step) | 0) {
    const bit = bitOf(word);
    const at = start + (bit >>> 5);
    words[at] = (words[at] ?? 0) | (1 << (bit & 31));
  }
}

function hasBits({ words, blocks }: Layer, { place, mark }: KeyHash): boolean {
  const start = (place & (blocks - 1)) * wordsOfBlock;
  const step = stepOf(place);
  for (let turn = 0, word = mark; turn < hashes; turn += 1, word = (word + step) | 0) {
    const bit = bitOf(word);
    if (((words[start + (bit >>> 5)] ?? 0) & (1 << (bit & 31))) === 0) return false;
  }
  return true;
}

/** What tells keys of one block apart, beside the mark. */
function stepOf(place: number): number {
  return Math.imul(place ^ (place >>> 15), 0x85ebca6b) | 1;
}

function bitOf(word: number): number {
  return Math.imul(word ^ (word >>> 15), 0x9e3779b1) >>> 23;
}
