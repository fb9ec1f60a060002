import { setTimeout as delay } from 'node:timers/promises';

/**
 * Starts `send` so many times a second, whether or not earlier ones have ended: a system that falls behind must not
 * slow its load down. Resolves when the last has ended.
 */
export async function paced(
  { perSecond, count }: { perSecond: number; count: number },
  send: (index: number) => Promise<void>,
): Promise<void> {
  const began = performance.now();
  const under: Promise<void>[] = [];
  for (let index = 0; index < count; index += 1) {
    const due = began + (index * 1_000) / perSecond;
    if (due > performance.now()) await delay(due - performance.now());
    under.push(send(index));
  }
  await Promise.all(under);
}

/** The milliseconds between two ends of many journeys, each known by its name. */
export function createStopwatch() {
  const begun = new Map<string, number>();
  const taken: number[] = [];
  return {
    begin: (name: string) => void begun.set(name, performance.now()),
    /** Journeys of another measurement are not counted. */
    end(name: string): void {
      const at = begun.get(name);
      if (at === undefined) return;
      begun.delete(name);
      taken.push(performance.now() - at);
    },
    under: () => begun.size,
    /** Sorted. */
    taken: () => taken.toSorted((a, b) => a - b),
  };
}
