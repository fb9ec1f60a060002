import type { Metrics } from '@lyceum/service';

/** `refused`: not asked, since the subgraph is down. */
export type FetchOutcome = 'ok' | 'errors' | 'failed' | 'refused';

/** Called when a fetch begins; the function it answers is called with how it ended. */
export type FetchObserver = (subgraph: string) => (outcome: FetchOutcome) => void;

/** Seconds that fetches take, by subgraph and outcome. */
export function createFetchMetrics(metrics: Metrics): FetchObserver {
  const seconds = metrics.histogram({
    name: 'lyceum_gateway_fetch_seconds',
    help: 'Time from asking a subgraph to its parsed answer.',
    labelNames: ['subgraph', 'outcome'],
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
  });
  const known = new Map<string, ReturnType<typeof seconds.labels>>();

  /** A label's values are looked up once, and not by what prom-client makes of them each time. */
  function of(subgraph: string, outcome: FetchOutcome) {
    const key = `${outcome} ${subgraph}`;
    const own = known.get(key) ?? seconds.labels({ subgraph, outcome });
    known.set(key, own);
    return own;
  }

  return (subgraph) => {
    const startedAt = performance.now();
    return (outcome) => {
      of(subgraph, outcome).observe((performance.now() - startedAt) / 1_000);
    };
  };
}
