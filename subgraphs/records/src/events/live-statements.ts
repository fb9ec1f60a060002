import {
  createResumableTopic,
  placeIn,
  UnreadableRecordError,
  type EventLog,
  type LogRecord,
  type ResumableTopic,
} from '@lyceum/events';
import type { Logger, Metrics } from '@lyceum/service';
import { decodeStatementBatch, readBatchHeaders, statementsTopic, UnreadableBatchError } from '@lyceum/xapi';
import type { LiveStatement } from '../domain/live-statements.ts';
import { rowOfLogged } from './logged-statement.ts';

/** Statements from the log, for the subscribers of this instance. */
export function createLiveStatements(options: {
  log: EventLog;
  logger: Logger;
  metrics: Metrics;
}): ResumableTopic<LiveStatement> {
  return createResumableTopic({ ...options, topic: statementsTopic, read: statementsOf });
}

/** Nothing is decoded that nobody of the organisation listens for. */
function statementsOf(record: LogRecord, organisations: ReadonlySet<string>): LiveStatement[] {
  try {
    const { organisationId } = readBatchHeaders(record.headers);
    if (!organisations.has(organisationId)) return [];
    const { statements } = decodeStatementBatch(record);
    return statements.map((logged, index) => ({
      organisationId,
      statement: rowOfLogged(logged),
      place: placeIn(record, index),
    }));
  } catch (error) {
    if (!(error instanceof UnreadableBatchError)) throw error;
    throw new UnreadableRecordError(record.offset, error.message, { cause: error });
  }
}
