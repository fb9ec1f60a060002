import type { Metrics } from '@lyceum/service';

/** What ingest counts; the lag of its group is counted by the event log. */
export function createIngestMetrics(metrics: Metrics) {
  const written = metrics.counter({
    name: 'lyceum_statements_written_total',
    help: 'Statements written into ClickHouse.',
  });
  const leftOut = metrics.counter({
    name: 'lyceum_statements_left_out_total',
    help: 'Statements left out because an earlier one has their id.',
  });
  return {
    onWritten(count: number, without: number): void {
      written.inc(count);
      leftOut.inc(without);
    },
  };
}
