import type { Viewer } from '@lyceum/service';

/** Timers hold at most 2^31 - 1 ms (HTML Standard, and Node); longer waits are made of several. */
const longestTimerMs = 2 ** 31 - 1;

/** Calls `expired` when the viewer's token does; never for a viewer without a token. @returns how to cancel. */
export function onExpiry(viewer: Viewer | undefined, expired: () => void): () => void {
  if (!viewer) return () => undefined;
  const { expiresAt } = viewer;
  let timer: NodeJS.Timeout;
  const wait = () => {
    const left = expiresAt.getTime() - Date.now();
    timer = left > longestTimerMs ? setTimeout(wait, longestTimerMs) : setTimeout(expired, Math.max(left, 0));
    timer.unref();
  };
  wait();
  return () => {
    clearTimeout(timer);
  };
}
