/**
 * Resolves with the first signal that asks to stop. A second one ends the waiting: `onSecond` is called, and the
 * process leaves with the code that a shell expects (128 + 2).
 */
export function untilSignal(onSecond: () => void): Promise<string> {
  return new Promise((resolve) => {
    let asked = false;
    const onSignal = (signal: string) => {
      if (asked) {
        onSecond();
        process.exit(130);
      }
      asked = true;
      resolve(signal);
    };
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, onSignal);
  });
}
