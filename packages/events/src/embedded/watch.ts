import type { Doorbell } from './doorbell.ts';
import { groupVersion } from './ownership.ts';
import type { LogStore, PartitionEntry } from './store.ts';
import { selectPartition, type Topic } from './topics.ts';

/**
 * Wakes those who wait for something to be committed, and of them only whom a commit concerns: a system has a hundred
 * readers, and hundreds of commits a second. A process has one, which its logs share.
 */
export interface Watch {
  /** Something was committed: waiters look, in all processes. */
  announce(): void;
  /** Resolves when a partition has a record at its offset or has been trimmed beyond it, or the signal is aborted. */
  records(topic: Topic, positions: ReadonlyMap<number, number>, signal: AbortSignal): Promise<void>;
  /** Resolves when the group's version is another than this, after so many milliseconds, or the signal is aborted. */
  group(group: string, version: number, ms: number, signal: AbortSignal): Promise<void>;
  close(): void;
}

type Look = (topic: Topic, partition: number) => PartitionEntry;

interface Waiter {
  isDue(look: Look): boolean;
  wake(): void;
}

export function createWatch(store: LogStore, bell: Doorbell): Watch {
  const waiters = new Set<Waiter>();
  bell.onHeard(() => {
    if (waiters.size === 0) return;
    const look = lookAt(store);
    for (const waiter of [...waiters]) if (waiter.isDue(look)) waiter.wake();
  });

  function until(isDue: Waiter['isDue'], signal: AbortSignal, ms?: number): Promise<void> {
    // What was committed since the caller looked may have been announced already.
    if (signal.aborted || isDue(lookAt(store))) return Promise.resolve();
    return new Promise((resolve) => {
      const wake = () => {
        clearTimeout(timer);
        signal.removeEventListener('abort', wake);
        waiters.delete(waiter);
        resolve();
      };
      const timer = ms === undefined ? undefined : setTimeout(wake, ms);
      const waiter = { isDue, wake };
      waiters.add(waiter);
      signal.addEventListener('abort', wake);
    });
  }

  return {
    announce: () => {
      bell.ring();
    },
    records: (topic, positions, signal) =>
      until(
        (look) => [...positions].some(([partition, from]) => hasMore(look(topic, partition), from)),
        signal,
      ),
    group: (group, version, ms, signal) => until(() => groupVersion(store, group) !== version, signal, ms),
    close: () => {
      bell.close();
    },
  };
}

function hasMore({ start, next }: PartitionEntry, from: number): boolean {
  return next > from || start > from;
}

/** What is committed now: several groups and tails wait at the end of one partition, which is read once for all. */
function lookAt(store: LogStore): Look {
  store.refresh();
  const seen = new Map<number, PartitionEntry>();
  return (topic, partition) => {
    const place = topic.id * 2 ** 16 + partition;
    const known = seen.get(place) ?? selectPartition(store, topic, partition);
    seen.set(place, known);
    return known;
  };
}
