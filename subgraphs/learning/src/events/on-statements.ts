import { UnreadableRecordError, type Consumer, type EventLog, type LogRecord } from '@lyceum/events';
import type { Metrics } from '@lyceum/service';
import { decodeStatementBatch, statementsTopic, UnreadableBatchError } from '@lyceum/xapi';
import type { HeardStatement, HeardStatements } from '../domain/heard-statements.ts';
import { readStatement } from './read-statement.ts';

export const statementsGroup = 'learning-progress';

/**
 * Moves progress by the statements that any xAPI tool sends. Most records concern nothing of ours: those are told by a
 * header and never looked into. What the others say is applied a whole batch at a time.
 */
export function consumeStatements(options: {
  log: EventLog;
  publicUrl: string;
  statements: HeardStatements;
  metrics: Metrics;
}): Promise<Consumer> {
  const { log, publicUrl, statements, metrics } = options;
  const counter = metrics.counter({
    name: 'lyceum_learning_statements_total',
    help: 'Statements on the log, by whether they mean something for progress',
    labelNames: ['outcome'],
  });
  return log.consume({
    topics: [statementsTopic],
    group: statementsGroup,
    maxBatchRecords: 1_000,
    handle: async ({ records }) => {
      const heard = records.flatMap((record) => readRecord(publicUrl, record));
      if (heard.length > 0) await statements.learn(heard);
      counter.inc({ outcome: 'applied' }, heard.length);
      counter.inc({ outcome: 'skipped' }, countOf(records) - heard.length);
    },
  });
}

function readRecord(publicUrl: string, record: LogRecord): HeardStatement[] {
  if (record.headers['lyceum'] !== '1') return [];
  const { organisationId, statements } = decode(record);
  return statements.flatMap((logged) => readStatement(publicUrl, organisationId, logged) ?? []);
}

function decode(record: LogRecord) {
  try {
    return decodeStatementBatch(record);
  } catch (error) {
    if (error instanceof UnreadableBatchError) throw new UnreadableRecordError(record.offset, error.message);
    throw error;
  }
}

function countOf(records: readonly LogRecord[]): number {
  return records.reduce((sum, { headers }) => sum + Number(headers['count'] ?? 1), 0);
}
