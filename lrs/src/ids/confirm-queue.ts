import type { ConfirmedRequest } from '../store/claim-writes.ts';

/**
 * Confirms requests with group commit: while one statement is under way, all that comes is gathered for the next.
 * @returns whether it was confirmed: false where it had lapsed
 */
export type Confirm = (request: ConfirmedRequest) => Promise<boolean>;

interface Pending {
  readonly request: ConfirmedRequest;
  readonly resolve: (isConfirmed: boolean) => void;
  readonly reject: (error: unknown) => void;
}

/** Of one statement: more are no faster each, and PostgreSQL holds them in memory. */
const groupBytes = 2 * 2 ** 20;

/** @param update answers the requests that had lapsed */
export function createConfirmQueue(
  update: (requests: readonly ConfirmedRequest[]) => Promise<ReadonlySet<string>>,
): Confirm {
  const queue: Pending[] = [];
  let pumping: Promise<void> | undefined;

  async function pump(): Promise<void> {
    while (queue.length > 0) await confirmGroup(takeGroup(queue));
    pumping = undefined;
  }

  async function confirmGroup(group: readonly Pending[]): Promise<void> {
    try {
      const lapsed = await update(group.map(({ request }) => request));
      for (const { request, resolve } of group) resolve(!lapsed.has(request.request));
    } catch (error) {
      for (const { reject } of group) reject(error);
    }
  }

  return (request) =>
    new Promise((resolve, reject) => {
      queue.push({ request, resolve, reject });
      pumping ??= pump();
    });
}

function takeGroup(queue: Pending[]): Pending[] {
  let bytes = 0;
  const end = queue.findIndex(({ request }) => (bytes += request.value.length) > groupBytes);
  return queue.splice(0, end === -1 ? queue.length : Math.max(end, 1));
}
