import { readlinkSync } from 'node:fs';
import { hostname } from 'node:os';
import type { Logger } from '@lyceum/service';
import type { LogStore } from './store.ts';

/** This process's sign of life in the store. It must be renewed, or other processes take its partitions. */
export interface Lease {
  readonly instance: string;
  /** Takes the lease the first time, and keeps renewing it until `close`. */
  keep(): Promise<void>;
  close(): Promise<void>;
}

export interface LeaseOptions {
  readonly store: LogStore;
  readonly instance: string;
  readonly leaseMs: number;
  readonly logger: Logger;
}

export function createLease({ store, instance, leaseMs, logger }: LeaseOptions): Lease {
  const place = placeHere();
  let timer: NodeJS.Timeout | undefined;
  let taken: Promise<void> | undefined;
  const renew = () =>
    store.write(() => {
      store.instances.putSync(instance, { pid: process.pid, place, expiresAt: Date.now() + leaseMs });
    });
  const renewLater = () => {
    renew().catch((error: unknown) => {
      logger.error({ err: error }, 'The lease in the event log was not renewed');
    });
  };
  return {
    instance,
    keep: () => {
      timer ??= setInterval(renewLater, leaseMs / 3);
      return (taken ??= renew());
    },
    close: async () => {
      clearInterval(timer);
      if (taken !== undefined) await store.write(() => void store.instances.removeSync(instance));
    },
  };
}

/** Whether the process behind an instance still counts: its lease holds, and its pid, where we can see it, runs. */
export function isLiving(store: LogStore, instance: string, now = Date.now()): boolean {
  const entry = store.instances.get(instance);
  if (entry === undefined || entry.expiresAt < now) return false;
  return entry.place !== placeHere() || isRunning(entry.pid);
}

/** Makes a takeover after a crash immediate. A pid given to another process merely waits for the lease to end. */
function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

let here: string | undefined;

/** Containers may share the directory and not see each other's processes. */
function placeHere(): string {
  return (here ??= `${hostname()} ${pidNamespace()}`.trimEnd());
}

function pidNamespace(): string {
  try {
    return readlinkSync('/proc/self/ns/pid');
  } catch {
    // Not Linux.
    return '';
  }
}
