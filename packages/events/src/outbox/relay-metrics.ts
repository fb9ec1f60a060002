import type { Metrics } from '@lyceum/service';

export interface RelayMetrics {
  published(rows: readonly { readonly topic: string }[]): void;
  failed(): void;
}

export function createRelayMetrics(metrics: Metrics | undefined): RelayMetrics {
  if (metrics === undefined) return { published: () => undefined, failed: () => undefined };
  const published = metrics.counter({
    name: 'lyceum_outbox_published_total',
    help: 'Rows of the outbox that the event log acknowledged',
    labelNames: ['topic'],
  });
  const failures = metrics.counter({
    name: 'lyceum_outbox_failures_total',
    help: 'Times that the outbox could not be published and was tried again',
  });
  return {
    published: (rows) => {
      for (const { topic } of rows) published.inc({ topic });
    },
    failed: () => {
      failures.inc();
    },
  };
}
