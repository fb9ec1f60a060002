import type { Metrics } from '@lyceum/service';
import type { IngesterOptions } from './ingester.ts';

/** What ingest counts; the lag of its group is counted by the event log. */
export function createIngestMetrics(metrics: Metrics): Pick<IngesterOptions, 'onWritten'> {
  const written = metrics.counter({
    name: 'lyceum_statements_written_total',
    help: 'Statements written into ClickHouse.',
  });
  const leftOut = metrics.counter({
    name: 'lyceum_statements_left_out_total',
    help: 'Statements left out because an earlier one has their id.',
  });
  return {
    onWritten: (count, without) => {
      written.inc(count);
      leftOut.inc(without);
    },
  };
}
