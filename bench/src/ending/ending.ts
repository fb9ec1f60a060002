/** Notes how to end what was just started. */
export type EndLater = (end: () => unknown) => void;

/**
 * Runs a benchmark, and ends what it has started, the last first: when it is done, when it fails, and on Ctrl-C. What it
 * starts are processes, and some outlive the one that started them.
 */
export async function endingAll<T>(work: (endLater: EndLater) => Promise<T>): Promise<T> {
  const ends: (() => unknown)[] = [];
  let ended: Promise<void> | undefined;
  const endAll = () => (ended ??= endInTurn(ends));
  const onSignal = () => {
    void endAll().finally(() => process.exit(130));
  };
  process.once('SIGINT', onSignal);
  process.once('SIGTERM', onSignal);
  try {
    return await work((end) => ends.push(end));
  } finally {
    await endAll();
    process.off('SIGINT', onSignal);
    process.off('SIGTERM', onSignal);
  }
}

async function endInTurn(ends: (() => unknown)[]): Promise<void> {
  for (let end = ends.pop(); end; end = ends.pop()) {
    try {
      await end();
    } catch (error) {
      console.error(error);
    }
  }
}
