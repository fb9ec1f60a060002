import type { SubgraphName } from './graph.ts';

/** The subgraphs' URLs, as the parent process gave them. */
export function readUrls(): Record<SubgraphName, string> {
  return JSON.parse(process.argv[2] ?? '{}') as Record<SubgraphName, string>;
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
