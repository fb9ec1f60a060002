import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from '@lyceum/service';
import { UnreadableRecordError } from './errors.ts';
import type { AppendRecord, LogRecord, RecordBatch } from './event-log.ts';
import type { LogMetrics } from './log-metrics.ts';
import { isMeantFor, resentHeader } from './resent.ts';
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
  const aside = new Set<string>();
  for (let failures = 0; ; failures += 1) {
    const delay = await deliverOnce(batch, aside, failures, options);
    if (delay === undefined) return;
    batch.signal.throwIfAborted();
    stopping.throwIfAborted();
    await sleep(delay, undefined, { signal: AbortSignal.any([batch.signal, stopping]) });
  }
}

/**
 * Hands a batch to the handler, once more for each unreadable record that it names. Gives undefined when the batch
 * is done with, else how many milliseconds to wait before it is handed out again.
 *
 * @param aside the offsets put aside so far; gains those put aside now
 * @param failures how often this batch has failed before
 */
export async function deliverOnce(
  batch: RecordBatch,
  aside: Set<string>,
  failures: number,
  options: DeliverOptions,
): Promise<number | undefined> {
  for (;;) {
    const records = batch.records.filter(
      ({ offset, headers }) => !aside.has(offset) && isMeantFor(headers, options.group),
    );
    if (records.length === 0) return undefined;
    try {
      await options.handle({ ...batch, records });
      return undefined;
    } catch (error) {
      const offset = batch.signal.aborted ? undefined : await putAside(records, error, options);
      if (offset === undefined) return refused(batch, error, failures, options);
      aside.add(offset);
    }
  }
}

/** The offset of the unreadable record, once that is safe in the dead-letter topic. */
async function putAside(
  records: readonly LogRecord[],
  error: unknown,
  { append, group, logger, metrics }: DeliverOptions,
): Promise<string | undefined> {
  if (!(error instanceof UnreadableRecordError)) return undefined;
  const unreadable = records.find((record) => record.offset === error.offset);
  if (unreadable === undefined) return undefined;
  const { topic, partition, offset } = unreadable;
  try {
    await append([deadLetterOf(unreadable, group, error.reason)]);
  } catch (appendError) {
    logger.error(
      { err: appendError, topic, partition, offset, group },
      'An unreadable record was not put aside',
    );
    return undefined;
  }
  metrics.deadLettered(topic, group);
  logger.error(
    { topic, partition, offset, group, reason: error.reason },
    'An unreadable record was put aside',
  );
  return offset;
}

function deadLetterOf(record: LogRecord, group: string, reason: string): AppendRecord {
  const { topic, partition, offset, key, value } = record;
  // Where it was sent again and failed again, it is for all who read dead letters.
  const { [resentHeader]: _resentTo, ...headers } = record.headers;
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

/** Counts and tells of the failure; gives the back-off, with jitter. */
function refused(
  { topic, partition, records, signal }: RecordBatch,
  error: unknown,
  failures: number,
  { group, logger, metrics }: DeliverOptions,
): number {
  const delay = Math.min(FIRST_BACK_OFF_MS * 2 ** failures, LONGEST_BACK_OFF_MS) * (0.75 + Math.random() / 2);
  if (signal.aborted) return delay;
  metrics.retried(topic, group);
  logger.warn(
    { err: error, topic, partition, group, offset: records[0]?.offset, records: records.length, delay },
    'A batch was not handled and comes again',
  );
  return delay;
}
