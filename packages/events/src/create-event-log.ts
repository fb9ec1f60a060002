import type { Logger, Metrics } from '@lyceum/service';
import { createEmbeddedLog } from './embedded/embedded-log.ts';
import type { EventLog } from './event-log.ts';
import { createLogMetrics } from './log-metrics.ts';
import type { TopicSettingsByName } from './topic-settings.ts';

export interface EventLogOptions {
  /** Comma-separated `host:port`. Unset: the embedded log. */
  readonly kafkaBrokers?: string | undefined;
  /** Of the embedded log. */
  readonly directory: string;
  readonly logger: Logger;
  readonly metrics?: Metrics | undefined;
  /** Names this process to the brokers. */
  readonly clientId: string;
  /** Where a topic should differ from the defaults (4 partitions, 7 days). */
  readonly topics?: TopicSettingsByName;
}

/**
 * The event log of this installation: Kafka where brokers are named, else files shared by this machine.
 *
 * @throws EventLogUnavailableError when no broker answers within 30 s
 * @throws EventLogFormatError when the directory can't be used
 */
export async function createEventLog(options: EventLogOptions): Promise<EventLog> {
  const { kafkaBrokers, directory, clientId, logger, topics: settings = {} } = options;
  const metrics = createLogMetrics(options.metrics);
  if (kafkaBrokers === undefined) return createEmbeddedLog({ directory, logger, metrics, settings });
  // Loaded where it is used: kafkajs takes a tenth of a second that the start on one machine saves.
  const { createKafkaLog } = await import('./kafka/kafka-log.ts');
  return createKafkaLog({ brokers: kafkaBrokers, clientId, logger, metrics, settings });
}
