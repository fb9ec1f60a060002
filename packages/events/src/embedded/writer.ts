import { statfsSync } from 'node:fs';
import type { RootDatabase } from 'lmdb';
import { EventLogClosedError, EventLogError, EventLogFullError, EventLogWriteError } from '../errors.ts';

export interface Writer {
  /**
   * Runs `operation` in the next write transaction, together with all others that wait for it (group commit),
   * and resolves when that is on disk. An operation that throws an EventLogError must have written nothing: it
   * alone is refused. Any other error undoes the whole group.
   *
   * @param bytes about how much it writes, to bound a transaction
   */
  write<T>(operation: () => T, bytes?: number): Promise<T>;
  /** Resolves when nothing is waiting or under way. */
  idle(): Promise<void>;
  /** Refuses further writes; resolves when those accepted are done. */
  end(): Promise<void>;
}

interface Pending {
  readonly bytes: number;
  /** Returns what to call when the group has been committed. */
  run(): () => void;
  fail(error: unknown): void;
}

/** Bounds the memory of dirty pages and the time that other processes wait for the write lock. */
const MAX_GROUP_BYTES = 32 * 2 ** 20;

export function createWriter(root: RootDatabase, directory: string): Writer {
  const queue: Pending[] = [];
  let closed = false;
  let pumping: Promise<void> | undefined;

  async function pump(): Promise<void> {
    while (queue.length > 0) await commitGroup();
    pumping = undefined;
  }

  async function commitGroup(): Promise<void> {
    let group: Pending[] = [];
    try {
      // The group is taken when the write lock is held: what came while waiting for it goes along.
      const settle = await root.childTransaction(() => {
        group = takeGroup(queue);
        return group.map((pending) => pending.run());
      });
      for (const done of settle) done();
    } catch (error) {
      if (group.length === 0) group = takeGroup(queue);
      const reason = await explain(error, directory, bytesOf(group));
      for (const pending of group) pending.fail(reason);
    }
  }

  return {
    write: (operation, bytes = 0) =>
      new Promise((resolve, reject) => {
        if (closed) {
          reject(new EventLogClosedError());
          return;
        }
        queue.push({ bytes, run: () => attempt(operation, resolve, reject), fail: reject });
        pumping ??= pump();
      }),
    idle: async () => {
      await pumping;
    },
    end: async () => {
      closed = true;
      await pumping;
    },
  };
}

function attempt<T>(
  operation: () => T,
  resolve: (value: T) => void,
  reject: (error: unknown) => void,
): () => void {
  try {
    const value = operation();
    return () => {
      resolve(value);
    };
  } catch (error) {
    if (!(error instanceof EventLogError)) throw error;
    return () => {
      reject(error);
    };
  }
}

/** From the head of the queue, at least one. */
function takeGroup(queue: Pending[]): Pending[] {
  let bytes = 0;
  const end = queue.findIndex((pending) => (bytes += pending.bytes) > MAX_GROUP_BYTES);
  return queue.splice(0, end === -1 ? queue.length : Math.max(end, 1));
}

function bytesOf(group: readonly Pending[]): number {
  return group.reduce((sum, { bytes }) => sum + bytes, 0);
}

/** lmdb reports a full disk as an input/output error (a short write): the file system knows better. */
async function explain(error: unknown, directory: string, bytes: number): Promise<EventLogError> {
  const cause = await commitErrorOf(error);
  const room = roomOn(directory);
  const needed = 2 * bytes + 2 ** 20;
  return room < needed
    ? new EventLogFullError(directory, room, cause)
    : new EventLogWriteError(directory, cause);
}

function roomOn(directory: string): number {
  try {
    const { bavail, bsize } = statfsSync(directory);
    return bavail * bsize;
  } catch {
    // The directory itself is gone: not for want of room.
    return Infinity;
  }
}

/** lmdb hides the reason of a failed commit in a promise that rejects. */
async function commitErrorOf(error: unknown): Promise<unknown> {
  const { commitError } = Object(error) as { commitError?: Promise<unknown> };
  return commitError === undefined ? error : commitError.catch((reason: unknown) => reason);
}
