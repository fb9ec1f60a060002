import { randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import type { Logger } from 'pino';
import type { NativeResult } from '../engine/addon.ts';
import { contextStatements, type Engine, type EngineConnection } from '../engine/engine.ts';
import { toClickHouseException } from '../exception.ts';
import { reframeNative } from '../native/reframe.ts';
import { insertFromFile } from '../sql/data-insert.ts';
import { formatOf, readIntoFile, type ReadingStatement } from '../sql/result-file.ts';
import type { Answer, QuerySummary } from './answer.ts';
import type { Query } from './query-text.ts';
import type { QueryRequest } from './request.ts';
import type { Spool } from './spool.ts';
import { untilEnded } from './until-ended.ts';

/** What running a query takes. */
export interface RunOptions {
  engine: Engine;
  connection: EngineConnection;
  spool: Spool;
  /** The gate's place that this query holds. */
  place: number;
  request: QueryRequest;
  /** What the engine is to hold the statement to, in bytes; undefined: what the connection says. */
  maxQuerySize: number | undefined;
  /** Aborted when the client is gone. */
  signal: AbortSignal;
  logger: Logger;
}

/** Runs a reading statement; its rows go out as the engine makes them. */
export async function runRead(
  query: ReadingStatement,
  options: RunOptions,
  answer: Answer,
): Promise<QuerySummary> {
  const run = options.request.waitForEnd ? readThroughFile : readThroughPipe;
  try {
    return await run(query, options, answer);
  } catch (error) {
    const exception = toClickHouseException(error);
    if (exception.type !== 'SYNTAX_ERROR' || answer.started) throw exception;
    return await runWhole(query.text, options, answer);
  }
}

/** Runs any statement, its result (a few rows, if any) in memory. Also the judge of what could not be parsed above. */
export async function runWhole(text: string, options: RunOptions, answer: Answer): Promise<QuerySummary> {
  const result = await execute(text, options);
  if (result.bytes.length > 0) await answer.write(Buffer.from(result.bytes));
  return readSummary(result);
}

/** Runs an insert of rows: they are complete on the disk before the engine sees the first. */
export async function runInsert(
  query: Extract<Query, { kind: 'data-insert' }>,
  path: string,
  options: RunOptions,
): Promise<QuerySummary> {
  const statement = insertFromFile(query.insert, { path, compression: query.rows.compression });
  // What it is longer by, the client did not write; its own length was judged when it came.
  const result = await execute(statement, { ...options, maxQuerySize: undefined });
  return { ...readSummary(result), writtenRows: result.rowsRead, writtenBytes: result.bytesRead };
}

async function execute(text: string, options: RunOptions): Promise<NativeResult> {
  const { engine, connection, request, maxQuerySize, signal, logger } = options;
  const tag = randomUUID();
  const context = contextStatements({ ...request, maxQuerySize, tag });
  signal.throwIfAborted();
  try {
    return await untilEnded(connection.run(`${context}${text}`, request.defaultFormat), {
      signal,
      cancel: () => engine.cancel(tag),
      onFailure: (err) => {
        logger.warn(
          { err, queryId: request.queryId },
          'a query whose client has gone could not be asked to end',
        );
      },
    });
  } catch (error) {
    throw toClickHouseException(error);
  }
}

async function readThroughPipe(
  query: ReadingStatement,
  options: RunOptions,
  answer: Answer,
): Promise<QuerySummary> {
  const pipe = options.spool.openPipe(options.place);
  const text = readIntoFile(query, pipe.path, options.request.defaultFormat);
  const running = execute(text, options).finally(() => {
    pipe.finish();
  });
  // Awaited below, behind the rows; until then a failure must not count as unhandled.
  running.catch(() => undefined);
  try {
    await send(pipe.output, query, options, answer);
  } catch (error) {
    pipe.output.destroy();
    // What the engine has to say explains why the rows broke off.
    await running;
    throw error;
  } finally {
    pipe.output.destroy();
    await running.catch(() => undefined);
  }
  return readSummary(await running);
}

// A client that has gone is heeded with the next rows, not before: an engine that opens the pipe when nobody reads it any
// more waits there for good, where no KILL reaches it. Rows show that it has opened the pipe.
async function send(
  rows: AsyncIterable<Buffer>,
  query: ReadingStatement,
  { request: { clientRevision, defaultFormat }, signal }: RunOptions,
  answer: Answer,
): Promise<void> {
  const isNative = clientRevision > 0 && formatOf(query, defaultFormat) === 'Native';
  const chunks = isNative ? reframeNative(rows, clientRevision) : rows;
  for await (const chunk of chunks) {
    signal.throwIfAborted();
    await answer.write(chunk);
  }
}

async function readThroughFile(
  query: ReadingStatement,
  options: RunOptions,
  answer: Answer,
): Promise<QuerySummary> {
  const path = options.spool.pathFor(`result-${randomUUID()}`);
  try {
    const result = await execute(readIntoFile(query, path, options.request.defaultFormat), options);
    const summary = readSummary(result);
    answer.announce(summary);
    await send(createReadStream(path), query, options, answer);
    return summary;
  } finally {
    await rm(path, { force: true });
  }
}

function readSummary(result: NativeResult): QuerySummary {
  const { rowsRead: readRows, bytesRead: readBytes, elapsed: elapsedSeconds } = result;
  return { readRows, readBytes, writtenRows: 0, writtenBytes: 0, elapsedSeconds };
}
