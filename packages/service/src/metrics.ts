import {
  collectDefaultMetrics,
  Counter,
  Gauge,
  Histogram,
  Registry,
  type CounterConfiguration,
  type GaugeConfiguration,
  type HistogramConfiguration,
} from 'prom-client';

/** The metrics of one service, in Prometheus' text format at /metrics. Names begin with `lyceum_`. */
export interface Metrics {
  readonly registry: Registry;
  counter<T extends string>(options: CounterConfiguration<T>): Counter<T>;
  gauge<T extends string>(options: GaugeConfiguration<T>): Gauge<T>;
  histogram<T extends string>(options: HistogramConfiguration<T>): Histogram<T>;
}

/** A registry of its own for each service, since several may share a process. */
export function createMetrics(service: string): Metrics {
  const registry = new Registry();
  registry.setDefaultLabels({ service });
  collectDefaultMetrics({ register: registry });
  const registers = [registry];
  return {
    registry,
    counter: (options) => new Counter({ ...options, registers }),
    gauge: (options) => new Gauge({ ...options, registers }),
    histogram: (options) => new Histogram({ ...options, registers }),
  };
}
