import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from '@lyceum/service';
import { UnreadableRecordError } from './errors.ts';
import type { AppendRecord, LogRecord, RecordBatch } from './event-log.ts';
import type { LogMetrics } from './log-metrics.ts';
import { deadLetterTopicOf } from './topic-settings.ts';

export interface DeliverOptions {
  readonly group: string;
  readonly handle: (batch: RecordBatch) => Promise<void>;
  readonly append: (records: readonly AppendRecord[]) => Promise<void>;
  readonly logger: Logger;
  readonly metrics: LogMetrics;
}

const FIRST_BACK_OFF_MS = 100;
const LONGEST_BACK_OFF_MS = 30_000;

/**
 * Hands a batch to the handler until it is done with: handled, or its unreadable records put aside. The offset
 * behind it may then be committed. Rejects only when the batch's signal, or `stopping` between two tries, is aborted.
 */
export async function deliver(
  batch: RecordBatch,
  options: DeliverOptions,
  stopping: AbortSignal,
): Promise<void> {
  let records = batch.records;
  for (let failures = 0; records.length > 0; failures += 1) {
    try {
      await options.handle({ ...batch, records });
      return;
    } catch (error) {
      batch.signal.throwIfAborted();
      stopping.throwIfAborted();
      const rest = await putAside(records, error, options);
      if (rest.length < records.length) failures = -1;
      else await backOff(batch, error, failures, options, stopping);
      records = rest;
    }
  }
}

/** The records without the unreadable one, once that is safe in the dead-letter topic. */
async function putAside(
  records: readonly LogRecord[],
  error: unknown,
  { append, group, logger, metrics }: DeliverOptions,
): Promise<readonly LogRecord[]> {
  if (!(error instanceof UnreadableRecordError)) return records;
  const unreadable = records.find(({ offset }) => offset === error.offset);
  if (unreadable === undefined) return records;
  const { topic, partition, offset } = unreadable;
  try {
    await append([deadLetterOf(unreadable, group, error.reason)]);
  } catch (appendError) {
    logger.error(
      { err: appendError, topic, partition, offset, group },
      'An unreadable record was not put aside',
    );
    return records;
  }
  metrics.deadLettered(topic, group);
  logger.error(
    { topic, partition, offset, group, reason: error.reason },
    'An unreadable record was put aside',
  );
  return records.filter((record) => record !== unreadable);
}

function deadLetterOf(record: LogRecord, group: string, reason: string): AppendRecord {
  const { topic, partition, offset, key, value, headers } = record;
  return {
    topic: deadLetterTopicOf(topic),
    key,
    value,
    headers: {
      ...headers,
      'dead-letter-reason': reason.slice(0, 1000),
      'dead-letter-topic': topic,
      'dead-letter-partition': String(partition),
      'dead-letter-offset': offset,
      'dead-letter-group': group,
    },
  };
}

async function backOff(
  { topic, partition, records, signal }: RecordBatch,
  error: unknown,
  failures: number,
  { group, logger, metrics }: DeliverOptions,
  stopping: AbortSignal,
): Promise<void> {
  const delay = Math.min(FIRST_BACK_OFF_MS * 2 ** failures, LONGEST_BACK_OFF_MS) * (0.75 + Math.random() / 2);
  metrics.retried(topic, group);
  logger.warn(
    { err: error, topic, partition, group, offset: records[0]?.offset, records: records.length, delay },
    'A batch was not handled and comes again',
  );
  await sleep(delay, undefined, { signal: AbortSignal.any([signal, stopping]) });
}
