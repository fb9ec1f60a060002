/** One Ctrl-C arrives twice: from the terminal, which tells the whole group, and from npm, which passes it on. */
const samePressMs = 500;

/**
 * Resolves with the first signal that asks to stop. A second one ends the waiting: `onSecond` is called, and the
 * process leaves with the code that a shell expects (128 + 2).
 */
export function untilSignal(onSecond: () => void): Promise<string> {
  return new Promise((resolve) => {
    let askedAt: number | undefined;
    const onSignal = (signal: string) => {
      if (askedAt !== undefined) {
        if (performance.now() - askedAt < samePressMs) return;
        onSecond();
        process.exit(130);
      }
      askedAt = performance.now();
      resolve(signal);
    };
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, onSignal);
  });
}
