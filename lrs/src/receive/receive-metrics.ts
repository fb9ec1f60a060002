import type { Metrics } from '@lyceum/service';
import type { InFlight } from './in-flight.ts';

/** What the receiver counts; names as Prometheus wants them. */
export interface ReceiveMetrics {
  readonly onAccepted: (count: number) => void;
  readonly onAnswered: (method: string, status: number, seconds: number) => void;
}

export function createReceiveMetrics(metrics: Metrics, inFlight: InFlight): ReceiveMetrics {
  const accepted = metrics.counter({
    name: 'lyceum_statements_accepted_total',
    help: 'Statements that the log has durably.',
  });
  const answered = metrics.histogram({
    name: 'lyceum_xapi_request_seconds',
    help: 'Time to answer a request, by method and status.',
    labelNames: ['method', 'status'],
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5],
  });
  metrics.gauge({
    name: 'lyceum_xapi_in_flight_bytes',
    help: 'Bytes of bodies that are being received or appended.',
    collect() {
      this.set(inFlight.bytes);
    },
  });
  return {
    onAccepted: (count) => {
      accepted.inc(count);
    },
    onAnswered: (method, status, seconds) => {
      answered.observe({ method, status }, seconds);
    },
  };
}
