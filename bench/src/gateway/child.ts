/** What the parent process gave this one. */
export function readArgument(): unknown {
  return JSON.parse(process.argv[2] ?? '{}');
}

/** Tells the parent where this process listens, and its CPU time whenever it asks. */
export function answerCpu(url: string): void {
  process.on('message', () => {
    const { user, system } = process.cpuUsage();
    process.send?.({ cpuMs: (user + system) / 1_000 });
  });
  process.on('disconnect', () => process.exit(0));
  process.send?.({ url });
}
