import type { EventLog, LogRecord } from '../event-log.ts';

/** The records from a cursor on that are in the topic now, and perhaps one more. Ends early where `signal` is aborted. */
export async function* readThrough(o: {
  log: EventLog;
  topic: string;
  cursor: string;
  signal: AbortSignal;
}): AsyncGenerator<LogRecord, void, undefined> {
  const ending = new AbortController();
  const signal = AbortSignal.any([o.signal, ending.signal]);
  const tail = o.log.tail({ topic: o.topic, from: { cursor: o.cursor }, signal });
  const records = tail[Symbol.asyncIterator]();
  let caughtUp = false;
  let wake: () => void = () => undefined;
  void tail.caughtUp.then(() => {
    caughtUp = true;
    wake();
  });
  try {
    for (;;) {
      const next = records.next();
      // A promise of its own each time: one that lived as long as the reading would gather what waits for it.
      await Promise.race([next, new Promise<void>((resolve) => (wake = resolve))]);
      const isLast = isTrue(() => caughtUp);
      if (isLast) ending.abort();
      const result = await next;
      if (result.done) return;
      yield result.value;
      if (isLast) return;
    }
  } finally {
    ending.abort();
    await records.return?.();
  }
}

/** The compiler believes that nothing has changed since. */
const isTrue = (ask: () => boolean) => ask();
