import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import type { OutgoingHttpHeaders, ServerResponse } from 'node:http';
import { hostname } from 'node:os';
import type { Writable } from 'node:stream';
import type { Engine } from '../engine/engine.ts';
import { httpStatusOf, type ClickHouseException } from '../exception.ts';
import { chooseEncoder } from './body.ts';

/** What a query did, for the X-ClickHouse-Summary header. */
export interface QuerySummary {
  readRows: number;
  readBytes: number;
  writtenRows: number;
  writtenBytes: number;
  elapsedSeconds: number;
}

/** The answer to one query. The head leaves with the first byte that can't wait any longer. */
export interface Answer {
  /** Whether the status is out, so that an exception can only be told inside the body. */
  readonly started: boolean;
  /** Sends a piece of the result; resolves when more is wanted. */
  write(chunk: Buffer): Promise<void>;
  end(summary: QuerySummary): Promise<void>;
  fail(exception: ClickHouseException): void;
}

/** How to answer. */
export interface AnswerOptions {
  engine: Engine;
  queryId: string;
  /** undefined: the statement has no result. */
  format: string | undefined;
  /** The Accept-Encoding header, if answers may be compressed. */
  acceptEncoding: string | undefined;
}

/** The server's output buffer: a result within it goes out whole, with its final status and summary. */
const HELD_BACK_BYTES = 1024 * 1024;

/** An answer on `response`. */
export function createAnswer(response: ServerResponse, options: AnswerOptions): Answer {
  const tag = randomBytes(8).toString('hex');
  const encoder = options.acceptEncoding === undefined ? undefined : chooseEncoder(options.acceptEncoding);
  let held: Buffer[] = [];
  let heldBytes = 0;
  let body: Writable | undefined;

  function start(headers: OutgoingHttpHeaders): Writable {
    response.writeHead(200, {
      ...resultHeaders(options),
      ...(encoder === undefined ? {} : { 'Content-Encoding': encoder.name }),
      ...headers,
    });
    if (encoder === undefined) return response;
    const stream = encoder.create();
    stream.pipe(response);
    return stream;
  }
  async function write(chunk: Buffer): Promise<void> {
    if (body === undefined) {
      held.push(chunk);
      heldBytes += chunk.length;
      if (heldBytes <= HELD_BACK_BYTES) return;
      body = start({ 'X-ClickHouse-Exception-Tag': tag });
      chunk = Buffer.concat(held);
      held = [];
    }
    if (!body.write(chunk)) await drained(body, response);
  }
  async function end(summary: QuerySummary): Promise<void> {
    body ??= start({ 'X-ClickHouse-Summary': summaryText(summary), ...lengthHeader(encoder === undefined, heldBytes) });
    for (const chunk of held) body.write(chunk);
    body.end();
    if (!response.writableFinished && !response.destroyed) await once(response, 'close');
  }
  function fail(exception: ClickHouseException): void {
    if (body === undefined) sendException(response, options, exception);
    else breakOff(body, response, tag, exception.textFor(options.engine.version));
  }
  return {
    get started() {
      return body !== undefined;
    },
    write,
    end,
    fail,
  };
}

/** Answers with an exception: ClickHouse's text, code and status. */
export function sendException(
  response: ServerResponse,
  { engine, queryId }: { engine: Engine; queryId?: string },
  exception: ClickHouseException,
): void {
  const text = `${exception.textFor(engine.version)}\n`;
  response.writeHead(httpStatusOf(exception), {
    'Content-Type': 'text/plain; charset=UTF-8',
    'Content-Length': Buffer.byteLength(text),
    'X-ClickHouse-Server-Display-Name': hostname(),
    'X-ClickHouse-Exception-Code': exception.code,
    ...(queryId === undefined ? {} : { 'X-ClickHouse-Query-Id': headerSafe(queryId) }),
    ...(httpStatusOf(exception) === 401 ? { 'WWW-Authenticate': 'Basic realm="ClickHouse server HTTP API"' } : {}),
  });
  response.end(text);
}

function resultHeaders({ engine, queryId, format }: AnswerOptions): OutgoingHttpHeaders {
  return {
    'Content-Type': contentTypeOf(engine, format),
    'X-ClickHouse-Server-Display-Name': hostname(),
    'X-ClickHouse-Query-Id': headerSafe(queryId),
    'X-ClickHouse-Timezone': engine.timezone,
    ...(format === undefined ? {} : { 'X-ClickHouse-Format': format }),
  };
}

// Format names are found in any case where they are unknown as written.
function contentTypeOf(engine: Engine, format: string | undefined): string {
  const fallback = 'text/plain; charset=UTF-8';
  if (format === undefined) return fallback;
  const exact = engine.contentTypes.get(format);
  if (exact !== undefined) return exact;
  const found = [...engine.contentTypes].find(([name]) => name.toLowerCase() === format.toLowerCase());
  return found?.[1] ?? fallback;
}

function headerSafe(text: string): string {
  return text.replace(/[^\x20-\x7e]/g, '?');
}

function lengthHeader(plain: boolean, bytes: number): OutgoingHttpHeaders {
  return plain ? { 'Content-Length': bytes } : {};
}

// All values are strings, as the server writes them.
function summaryText(summary: QuerySummary): string {
  return JSON.stringify({
    read_rows: String(summary.readRows),
    read_bytes: String(summary.readBytes),
    written_rows: String(summary.writtenRows),
    written_bytes: String(summary.writtenBytes),
    total_rows_to_read: '0',
    result_rows: '0',
    result_bytes: '0',
    elapsed_ns: String(Math.round(summary.elapsedSeconds * 1e9)),
  });
}

function drained(body: Writable, response: ServerResponse): Promise<void> {
  if (response.destroyed) return Promise.resolve();
  return new Promise((resolve) => {
    const settle = (): void => {
      body.off('drain', settle);
      response.off('close', settle);
      resolve();
    };
    body.once('drain', settle);
    response.once('close', settle);
  });
}

// The framing that servers have had since 25.11, which @clickhouse/client reads:
// \r\n__exception__\r\n<tag>\r\n<text>\n<length of text and its line end> <tag>\r\n__exception__\r\n
function breakOff(body: Writable, response: ServerResponse, tag: string, text: string): void {
  const line = `${text}\n`;
  body.end(`\r\n__exception__\r\n${tag}\r\n${line}${Buffer.byteLength(line)} ${tag}\r\n__exception__\r\n`);
  response.once('finish', () => response.socket?.destroySoon());
}
