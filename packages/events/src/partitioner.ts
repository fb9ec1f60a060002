/**
 * The partition of a key: murmur2 as Kafka's own clients compute it
 * (org.apache.kafka.common.utils.Utils.murmur2), so that every producer of a topic agrees.
 */
export function partitionOf(key: string, partitions: number): number {
  return (murmur2(Buffer.from(key)) & 0x7fffffff) % partitions;
}

const MULTIPLIER = 0x5bd1e995;
const SHIFT = 24;

function murmur2(bytes: Buffer): number {
  let hash = 0x9747b28c ^ bytes.length;
  const whole = bytes.length - (bytes.length % 4);
  for (let at = 0; at < whole; at += 4) {
    let k = Math.imul(bytes.readInt32LE(at), MULTIPLIER);
    k ^= k >>> SHIFT;
    hash = Math.imul(hash, MULTIPLIER) ^ Math.imul(k, MULTIPLIER);
  }
  return finish(mixTail(hash, bytes.subarray(whole)));
}

function mixTail(hash: number, tail: Buffer): number {
  if (tail.length === 0) return hash;
  let mixed = hash;
  for (const [index, byte] of tail.entries()) mixed ^= byte << (8 * index);
  return Math.imul(mixed, MULTIPLIER);
}

function finish(hash: number): number {
  const mixed = Math.imul(hash ^ (hash >>> 13), MULTIPLIER);
  return mixed ^ (mixed >>> 15);
}
