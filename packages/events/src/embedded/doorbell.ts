import { closeSync, constants, openSync, watch, writeSync, type FSWatcher } from 'node:fs';
import { join } from 'node:path';

/**
 * Tells all processes that something was committed: a byte is written to a file that every process watches. A notice
 * can be lost (watchers may drop events), so the bell is also heard by itself now and then.
 */
export interface Doorbell {
  ring(): void;
  /** Also for what this process rings itself. */
  onHeard(hear: () => void): void;
  close(): void;
}

const FALLBACK_MS = 250;

export function createDoorbell(directory: string): Doorbell {
  const path = join(directory, 'bell');
  const file = openSync(path, constants.O_RDWR | constants.O_CREAT);
  const listeners: (() => void)[] = [];
  let ringing = false;
  const hear = () => {
    for (const listener of listeners) listener();
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
    onHeard: (hear) => void listeners.push(hear),
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
