import type { AppendRecord } from '@lyceum/events';
import type { ClaimingRequest } from '../store/claim-writes.ts';

/** A request that waits for its ids, to append its record then. */
export interface QueuedRequest extends ClaimingRequest {
  readonly record: AppendRecord;
}

/** Claims with group commit: while one statement is under way, all that comes is gathered for the next. */
export interface ClaimQueue {
  /**
   * Takes ids, and begins to append where all were free: in the order of the calls. Resolves with what waits for the
   * append; with undefined where an id was taken, and then those that were free are to be released.
   */
  claim(request: QueuedRequest): Promise<(() => Promise<void>) | undefined>;
}

export interface ClaimQueueOptions {
  /** How many ids each request got. */
  readonly insert: (requests: readonly ClaimingRequest[]) => Promise<ReadonlyMap<string, number>>;
  readonly append: (records: readonly AppendRecord[]) => Promise<void>;
}

interface Pending {
  readonly request: QueuedRequest;
  readonly resolve: (appended: (() => Promise<void>) | undefined) => void;
  readonly reject: (error: unknown) => void;
}

/** Of one statement: more are no faster each. */
const groupIds = 5_000;

export function createClaimQueue({ insert, append }: ClaimQueueOptions): ClaimQueue {
  const queue: Pending[] = [];
  let pumping: Promise<void> | undefined;

  async function pump(): Promise<void> {
    while (queue.length > 0) await claimGroup(takeGroup(queue));
    pumping = undefined;
  }

  async function claimGroup(group: readonly Pending[]): Promise<void> {
    try {
      const counts = await insert(group.map(({ request }) => request));
      for (const pending of group) settle(pending, counts.get(pending.request.request));
    } catch (error) {
      for (const { reject } of group) reject(error);
    }
  }

  function settle({ request, resolve }: Pending, count = 0): void {
    if (count < request.ids.length) {
      resolve(undefined);
      return;
    }
    const appended = append([request.record]);
    // Who waits for it hears of it; until they do, nobody is to call it unhandled.
    appended.catch(() => undefined);
    resolve(() => appended);
  }

  return {
    claim: (request) =>
      new Promise((resolve, reject) => {
        queue.push({ request, resolve, reject });
        pumping ??= pump();
      }),
  };
}

function takeGroup(queue: Pending[]): Pending[] {
  let ids = 0;
  const end = queue.findIndex(({ request }) => (ids += request.ids.length) > groupIds);
  return queue.splice(0, end === -1 ? queue.length : Math.max(end, 1));
}
