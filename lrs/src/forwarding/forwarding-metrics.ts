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
    help: 'All that was stored longer ago was forwarded. Of the instance that looked last.',
    labelNames: ['forwarding'],
  });
  const failing = metrics.gauge({
    name: 'lyceum_forwarding_failing_seconds',
    help: 'Since when the other store takes nothing; 0 where it does.',
    labelNames: ['forwarding'],
  });
  const lookedAt = new Map<string, number>();

  function forget(forwarding: string): void {
    lookedAt.delete(forwarding);
    lag.remove({ forwarding });
    failing.remove({ forwarding });
  }

  return {
    onDelivered(taken: number, refused: number) {
      sent.inc({ outcome: 'sent' }, taken);
      sent.inc({ outcome: 'refused' }, refused);
    },
    onFailed: (where: 'target' | 'store') => {
      failures.inc({ where });
    },
    onLooked(forwarding: string, state: { lagSeconds: number; failingSeconds: number }) {
      lookedAt.set(forwarding, Date.now());
      lag.set({ forwarding }, state.lagSeconds);
      failing.set({ forwarding }, state.failingSeconds);
    },
    forget,
    /** Another instance looks at them now, or nobody: what this one saw last is no news any more. */
    forgetOld(silenceMs: number) {
      for (const [forwarding, at] of lookedAt) if (Date.now() - at > silenceMs) forget(forwarding);
    },
  };
}

export type ForwardingMetrics = ReturnType<typeof createForwardingMetrics>;
