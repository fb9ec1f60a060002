import { eventually, type System } from '@lyceum/testing';

/** The sum of a metric's samples at /metrics of a service; the name is a pattern. */
export async function metric(system: System, service: string, name: string): Promise<number> {
  const page = await (await fetch(`${system.url(service)}/metrics`)).text();
  const samples = [...page.matchAll(new RegExp(`^${name}(?:\\{[^}]*\\})? (\\S+)$`, 'gm'))];
  return samples.reduce((sum, [, value]) => sum + Number(value), 0);
}

/** Waits until every group of consumers has committed all that the log holds, and every outbox is told. */
export async function untilNothingIsLeftToRead(system: System): Promise<void> {
  const consumers = ['lrs-ingest', 'learning', 'assessment', 'records'];
  await eventually(
    async () => {
      for (const service of consumers) {
        const lag = await metric(system, service, 'lyceum_log_consumer_lag');
        if (lag > 0) throw new Error(`${service} is ${lag} records behind.`);
      }
    },
    { timeoutMs: 30_000, pauseMs: 100 },
  );
}
