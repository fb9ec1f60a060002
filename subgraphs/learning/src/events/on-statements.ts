import { UnreadableRecordError, type Consumer, type EventLog, type LogRecord } from '@lyceum/events';
import type { Metrics } from '@lyceum/service';
import { decodeStatementBatch, statementsTopic } from '@lyceum/xapi';
import type { HeardStatement, HeardStatements } from '../domain/heard-statements.ts';
import { learnRecords } from './learn-records.ts';
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
    handle: async ({ records, signal }) => {
      const heard = records.map((record) => ({
        offset: record.offset,
        heard: readRecord(publicUrl, record),
      }));
      await learnRecords(statements, heard, signal);
      const applied = heard.reduce((sum, record) => sum + record.heard.length, 0);
      counter.inc({ outcome: 'applied' }, applied);
      counter.inc({ outcome: 'skipped' }, countOf(records) - applied);
    },
  });
}

/** Reading depends on nothing but the record: where it fails, it always will. @throws UnreadableRecordError */
function readRecord(publicUrl: string, record: LogRecord): HeardStatement[] {
  if (record.headers['lyceum'] !== '1') return [];
  try {
    const { organisationId, statements } = decodeStatementBatch(record);
    return statements.flatMap((logged) => readStatement(publicUrl, organisationId, logged) ?? []);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new UnreadableRecordError(record.offset, reason, { cause: error });
  }
}

function countOf(records: readonly LogRecord[]): number {
  return records.reduce((sum, { headers }) => sum + Number(headers['count'] ?? 1), 0);
}
