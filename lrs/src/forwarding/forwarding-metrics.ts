import type { Metrics } from '@lyceum/service';

/** What is counted of forwardings, for whoever watches over all organisations; what each is, the graph tells its own. */
export function createForwardingMetrics(metrics: Metrics) {
  const sent = metrics.counter({
    name: 'lyceum_forwarding_statements_total',
    help: 'Statements that were forwarded to other stores, by what became of them: sent or refused.',
    labelNames: ['outcome'],
  });
  const failures = metrics.counter({
    name: 'lyceum_forwarding_failures_total',
    help: 'Tries to forward statements that failed: the other store (target), or this one (store).',
    labelNames: ['where'],
  });
  const lag = metrics.gauge({
    name: 'lyceum_forwarding_lag_seconds',
    help: 'All that was stored longer ago was forwarded. As this instance looked last; ask for the least of all instances.',
    labelNames: ['forwarding'],
  });
  const failing = metrics.gauge({
    name: 'lyceum_forwarding_failing_seconds',
    help: 'Since when the other store takes nothing; 0 where it does.',
    labelNames: ['forwarding'],
  });
  return {
    onDelivered(taken: number, refused: number) {
      sent.inc({ outcome: 'sent' }, taken);
      sent.inc({ outcome: 'refused' }, refused);
    },
    onFailed: (where: 'target' | 'store') => {
      failures.inc({ where });
    },
    onLooked(forwarding: string, state: { lagSeconds: number; failingSeconds: number }) {
      lag.set({ forwarding }, state.lagSeconds);
      failing.set({ forwarding }, state.failingSeconds);
    },
    /** It is another instance's now, or nobody's. */
    forget(forwarding: string) {
      lag.remove({ forwarding });
      failing.remove({ forwarding });
    },
  };
}

export type ForwardingMetrics = ReturnType<typeof createForwardingMetrics>;
