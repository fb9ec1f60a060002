import type { Viewer } from './viewer.ts';

/** Timers hold at most 2^31 - 1 ms (HTML Standard, and Node); longer waits are made of several. */
const longestTimerMs = 2 ** 31 - 1;

/**
 * Calls `expired` when the viewer's token does, or `leewayMs` later; never for a viewer without a token.
 *
 * @returns how to cancel.
 */
export function onExpiry(
  viewer: Viewer | null | undefined,
  expired: () => void,
  { leewayMs = 0 }: { leewayMs?: number } = {},
): () => void {
  if (!viewer) return () => undefined;
  const end = viewer.expiresAt.getTime() + leewayMs;
  let timer: NodeJS.Timeout;
  const wait = () => {
    const left = end - Date.now();
    timer = left > longestTimerMs ? setTimeout(wait, longestTimerMs) : setTimeout(expired, Math.max(left, 0));
    timer.unref();
  };
  wait();
  return () => {
    clearTimeout(timer);
  };
}
