import { setTimeout as sleep } from 'node:timers/promises';
import type { PartitionPosition } from './event-log.ts';

const FIRST_PAUSE_MS = 20;
const LONGEST_PAUSE_MS = 500;

/**
 * Asks until the group has committed up to where the partitions ended at the first time.
 *
 * @param selectPositions gives undefined where they can't be known at the moment
 */
export async function untilPassed(
  selectPositions: () => Promise<PartitionPosition[] | undefined>,
  signal: AbortSignal,
): Promise<void> {
  let ends: Map<number, bigint> | undefined;
  for (let pause = FIRST_PAUSE_MS; ; pause = Math.min(pause * 2, LONGEST_PAUSE_MS)) {
    signal.throwIfAborted();
    const positions = await selectPositions();
    if (positions !== undefined) {
      const wanted = (ends ??= new Map(positions.map(({ partition, end }) => [partition, end])));
      if (positions.every((position) => isPassed(position, wanted.get(position.partition) ?? 0n))) return;
    }
    await sleep(pause, undefined, { signal });
  }
}

/** What retention has removed need not be waited for. */
function isPassed({ start, committed }: PartitionPosition, end: bigint): boolean {
  return start >= end || (committed !== undefined && committed >= end);
}
