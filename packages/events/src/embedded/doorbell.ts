import { closeSync, constants, openSync, watch, writeSync, type FSWatcher } from 'node:fs';
import { join } from 'node:path';

/**
 * Wakes the readers of all processes when something was committed: a byte is written to a file that every process
 * watches. A notice can be lost (watchers may drop events), so waiters also wake by themselves now and then.
 */
export interface Doorbell {
  ring(): void;
  /** Grows whenever the bell was heard. Take it before looking, hand it to `wait` when there was nothing. */
  heard(): number;
  /** Resolves when the bell has been heard since, or when the signal is aborted. */
  wait(since: number, signal: AbortSignal): Promise<void>;
  close(): void;
}

const FALLBACK_MS = 250;

export function createDoorbell(directory: string): Doorbell {
  const path = join(directory, 'bell');
  const file = openSync(path, constants.O_RDWR | constants.O_CREAT);
  const waiters = new Set<() => void>();
  let heard = 0;
  let ringing = false;
  const hear = () => {
    heard += 1;
    for (const wake of [...waiters]) wake();
  };
  const watcher = watchOrNot(path, hear);
  const fallback = setInterval(hear, FALLBACK_MS);
  return {
    ring: () => {
      if (ringing) return;
      ringing = true;
      // Appends of one group commit resolve one after another: one stroke for all.
      queueMicrotask(() => {
        ringing = false;
        hear();
        strike(file);
      });
    },
    heard: () => heard,
    wait: (since, signal) =>
      new Promise((resolve) => {
        if (heard !== since || signal.aborted) {
          resolve();
          return;
        }
        const wake = () => {
          signal.removeEventListener('abort', wake);
          waiters.delete(wake);
          resolve();
        };
        waiters.add(wake);
        signal.addEventListener('abort', wake);
      }),
    close: () => {
      clearInterval(fallback);
      watcher?.close();
      queueMicrotask(() => {
        closeSync(file);
      });
    },
  };
}

/** A watcher that can't be had (a user's are limited in number), or that breaks, leaves the fallback. */
function watchOrNot(path: string, hear: () => void): FSWatcher | undefined {
  try {
    const watcher = watch(path, hear);
    return watcher.on('error', () => {
      watcher.close();
    });
  } catch {
    return undefined;
  }
}

/** Never fails: what it announces is committed already, and the fallback finds it. */
function strike(file: number): void {
  try {
    writeSync(file, '.', 0);
  } catch {
    // A full disk may refuse even this byte.
  }
}
