import type { Metrics } from '@lyceum/service';
import type { OperationTypeNode } from 'graphql';

/** Called when an operation begins; the function it answers is called with its kind and how it ended. */
export type OperationObserver = () => (
  kind: `${OperationTypeNode}` | 'none',
  outcome: 'ok' | 'errors',
) => void;

/** Seconds that queries and mutations take; `none` is what could not be parsed or named no operation. */
export function createOperationMetrics(metrics: Metrics): OperationObserver {
  const seconds = metrics.histogram({
    name: 'lyceum_gateway_operation_seconds',
    help: 'Time from an operation to its answer.',
    labelNames: ['kind', 'outcome'],
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
  });
  return () => {
    const startedAt = performance.now();
    return (kind, outcome) => {
      seconds.observe({ kind, outcome }, (performance.now() - startedAt) / 1_000);
    };
  };
}
