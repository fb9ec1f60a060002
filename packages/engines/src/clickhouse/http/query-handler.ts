import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Logger } from 'pino';
import { DEFAULT_MAX_QUERY_SIZE } from '../engine/configuration.ts';
import type { Engine } from '../engine/engine.ts';
import { ClickHouseException, toClickHouseException } from '../exception.ts';
import type { Gate } from '../gate.ts';
import { formatOf } from '../sql/result-file.ts';
import { requireCredentials, refuseWebPages, type Credentials } from './access.ts';
import { createAnswer, sendException, type Answer, type QuerySummary } from './answer.ts';
import { dropBody } from './body.ts';
import { readForm } from './form.ts';
import { sizeLimit } from './query-size.ts';
import { readQuery, type Query } from './query-text.ts';
import { headerOf, readRequest, type QueryRequest } from './request.ts';
import { runInsert, runRead, runWhole, type RunOptions } from './run-query.ts';
import { withSession, type Sessions } from './sessions.ts';
import type { Spool } from './spool.ts';

/** What the handler of queries works with. */
export interface QueryHandlerOptions {
  engine: Engine;
  spool: Spool;
  sessions: Sessions;
  /** How many statements run at once: those that read, and those that write, apart from each other. */
  readers: Gate;
  writers: Gate;
  credentials: Credentials;
  logger: Logger;
}

/** Answers one query. Never rejects: what goes wrong is told to the client. */
export type QueryHandler = (
  message: IncomingMessage,
  response: ServerResponse,
  url: URLSearchParams,
) => Promise<void>;

/** The handler of `/` and `/?query=`. */
export function createQueryHandler(options: QueryHandlerOptions): QueryHandler {
  return async (message, response, url) => {
    const gone = new AbortController();
    response.once('close', () => {
      if (!response.writableFinished) gone.abort(new Error('the client has gone'));
    });
    try {
      refuseWebPages(message, options.credentials);
      requireCredentials(message, url, options.credentials);
      await answerQuery(message, response, url, options, gone.signal);
    } catch (error) {
      if (gone.signal.aborted) return;
      const exception = toClickHouseException(error);
      if (exception.type === 'UNKNOWN_EXCEPTION') options.logger.error({ err: error }, 'a query failed');
      sendException(response, options, exception);
      // The rest of the request's body is taken and dropped: a connection that is cut shows the client no answer.
      dropBody(message);
    }
  };
}

async function answerQuery(
  message: IncomingMessage,
  response: ServerResponse,
  url: URLSearchParams,
  options: QueryHandlerOptions,
  signal: AbortSignal,
): Promise<void> {
  const form = await readForm(message);
  const request = readRequest(message, url, form);
  const limit = sizeLimit(request.maxQuerySize, request.session !== undefined);
  const query = await readQuery(request.query, form === undefined ? message : undefined, limit);
  refuseWriting(query, request);
  const answer = createAnswer(response, {
    engine: options.engine,
    queryId: request.queryId,
    format: query.kind === 'read' ? formatOf(query, request.defaultFormat) : request.defaultFormat,
    acceptEncoding: request.compressResponse ? headerOf(message, 'accept-encoding') : undefined,
  });
  try {
    // Ended only now that place and session are given back: a client may ask again the moment it has its answer.
    await answer.end(await run(query, request, answer, options, signal));
  } catch (error) {
    if (!signal.aborted) answer.fail(toClickHouseException(error));
  }
}

// The text is the server's own.
function refuseWriting(query: Query, { readOnlyReason }: QueryRequest): void {
  if (readOnlyReason === undefined || query.kind === 'read' || query.kind === 'context') return;
  const explanation =
    readOnlyReason === 'method'
      ? ' For queries over HTTP, method GET implies readonly. You should use method POST for modifying queries.'
      : '';
  throw new ClickHouseException(164, 'READONLY', `Cannot execute query in readonly mode.${explanation}`);
}

function run(
  query: Query,
  request: QueryRequest,
  answer: Answer,
  options: QueryHandlerOptions,
  signal: AbortSignal,
): Promise<QuerySummary> {
  if (query.kind === 'data-insert') return runStored(query, request, options, signal);
  const gate = query.kind === 'write' ? options.writers : options.readers;
  return inside(gate, request, options, signal, (running) =>
    query.kind === 'read' ? runRead(query, running, answer) : runWhole(query.text, running, answer),
  );
}

// The rows are taken in before the gate is entered: a slow sender holds up nobody.
async function runStored(
  query: Extract<Query, { kind: 'data-insert' }>,
  request: QueryRequest,
  options: QueryHandlerOptions,
  signal: AbortSignal,
): Promise<QuerySummary> {
  const file = await options.spool.store(`rows-${randomUUID()}`, query.rows.body);
  try {
    return await inside(options.writers, request, options, signal, (running) =>
      runInsert(query, file.path, running),
    );
  } finally {
    await file.remove();
  }
}

/** Waits for a place and a connection, runs `use` with them, and gives both back. */
async function inside<Result>(
  gate: Gate,
  request: QueryRequest,
  options: QueryHandlerOptions,
  signal: AbortSignal,
  use: (running: RunOptions) => Promise<Result>,
): Promise<Result> {
  const place = await gate.enter(signal);
  const { session, maxQuerySize } = request;
  const running = { ...options, request, signal, place: place.number };
  try {
    if (session !== undefined) {
      return await withSession(options.sessions, session, request, (connection) =>
        use({ ...running, connection, maxQuerySize }),
      );
    }
    const connection = options.engine.connect();
    const size = maxQuerySize ?? DEFAULT_MAX_QUERY_SIZE;
    return await use({ ...running, connection, maxQuerySize: size }).finally(() => {
      connection.close();
    });
  } finally {
    place.leave();
  }
}
