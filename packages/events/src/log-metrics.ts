import type { Metrics } from '@lyceum/service';
import type { AppendRecord, PartitionLag } from './event-log.ts';

/** What a log counts. Without a registry every method does nothing. */
export interface LogMetrics {
  appended(records: readonly AppendRecord[]): void;
  deadLettered(topic: string, group: string): void;
  retried(topic: string, group: string): void;
  skipped(topic: string, group: string, records: number): void;
  /** Called at each scrape for the groups that this process consumes in. */
  observeLag(groups: () => Iterable<string>, lag: (group: string) => Promise<PartitionLag[]>): void;
}

const silent: LogMetrics = {
  appended: () => undefined,
  deadLettered: () => undefined,
  retried: () => undefined,
  skipped: () => undefined,
  observeLag: () => undefined,
};

export function createLogMetrics(metrics: Metrics | undefined): LogMetrics {
  if (metrics === undefined) return silent;
  const records = metrics.counter({
    name: 'lyceum_log_appended_records_total',
    help: 'Records that the event log acknowledged',
    labelNames: ['topic'],
  });
  const bytes = metrics.counter({
    name: 'lyceum_log_appended_bytes_total',
    help: 'Bytes of values that the event log acknowledged',
    labelNames: ['topic'],
  });
  const deadLetters = metrics.counter({
    name: 'lyceum_log_dead_letters_total',
    help: 'Records that could not be read and went to the dead-letter topic',
    labelNames: ['topic', 'group'],
  });
  const retries = metrics.counter({
    name: 'lyceum_log_retries_total',
    help: 'Batches that a handler rejected and that were handed out again',
    labelNames: ['topic', 'group'],
  });
  const skips = metrics.counter({
    name: 'lyceum_log_skipped_records_total',
    help: 'Records that retention removed before the group had read them',
    labelNames: ['topic', 'group'],
  });
  return {
    appended: (appended) => {
      for (const { topic, value } of appended) {
        records.inc({ topic });
        bytes.inc({ topic }, typeof value === 'string' ? Buffer.byteLength(value) : value.byteLength);
      }
    },
    deadLettered: (topic, group) => {
      deadLetters.inc({ topic, group });
    },
    retried: (topic, group) => {
      retries.inc({ topic, group });
    },
    skipped: (topic, group, count) => {
      skips.inc({ topic, group }, count);
    },
    observeLag: (groups, lag) => {
      observeLag(metrics, groups, lag);
    },
  };
}

function observeLag(
  metrics: Metrics,
  groups: () => Iterable<string>,
  lag: (group: string) => Promise<PartitionLag[]>,
): void {
  metrics.gauge({
    name: 'lyceum_log_consumer_lag',
    help: 'Records that a group has not yet committed',
    labelNames: ['group', 'topic', 'partition'],
    async collect() {
      this.reset();
      for (const group of groups()) {
        const lags = await lag(group).catch(() => []);
        for (const { topic, partition, lag: value } of lags) this.set({ group, topic, partition }, value);
      }
    },
  });
}
