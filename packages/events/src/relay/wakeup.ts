/** Waits that a notification, or the end, cuts short. A wake that comes before the wait is not lost. */
export interface Wakeup {
  readonly wake: () => void;
  /** Until woken, stopped, or the time is over. */
  wait(ms: number): Promise<void>;
  /** Until stopped, or the time is over. */
  pause(ms: number): Promise<void>;
}

export function createWakeup(stopping: AbortSignal): Wakeup {
  let woken = false;
  let end: (() => void) | undefined;
  const wake = () => {
    woken = true;
    end?.();
  };
  const until = (ms: number, set: (finish: () => void) => void) =>
    new Promise<void>((resolve) => {
      const finish = () => {
        clearTimeout(timer);
        stopping.removeEventListener('abort', finish);
        resolve();
      };
      const timer = setTimeout(finish, ms);
      stopping.addEventListener('abort', finish);
      set(finish);
    });
  return {
    wake,
    wait: async (ms) => {
      if (!woken && !stopping.aborted) await until(ms, (finish) => (end = finish));
      woken = false;
      end = undefined;
    },
    pause: async (ms) => {
      if (!stopping.aborted) await until(ms, () => undefined);
    },
  };
}
