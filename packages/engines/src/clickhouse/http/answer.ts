import { randomBytes } from 'node:crypto';
import type { OutgoingHttpHeaders, ServerResponse } from 'node:http';
import { hostname } from 'node:os';
import type { Engine } from '../engine/engine.ts';
import { httpStatusOf, type ClickHouseException } from '../exception.ts';
import { chooseEncoder } from './body.ts';
import { openBody, type ResponseBody } from './response-body.ts';

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
  /** Makes the final summary known before the first byte, where it is. */
  announce(summary: QuerySummary): void;
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
  let announced: OutgoingHttpHeaders = {};
  let held: Buffer[] = [];
  let heldBytes = 0;
  let body: ResponseBody | undefined;

  function start(headers: OutgoingHttpHeaders): ResponseBody {
    const encoding = encoder === undefined ? {} : { 'Content-Encoding': encoder.name };
    response.writeHead(200, { ...resultHeaders(options), ...encoding, ...announced, ...headers });
    return openBody(response, encoder?.create());
  }
  return {
    get started() {
      return body !== undefined;
    },
    announce(summary) {
      announced = { 'X-ClickHouse-Summary': summaryText(summary) };
    },
    async write(chunk) {
      if (body !== undefined) return body.write(chunk);
      held.push(chunk);
      heldBytes += chunk.length;
      if (heldBytes <= HELD_BACK_BYTES) return undefined;
      body = start({ 'X-ClickHouse-Exception-Tag': tag });
      const first = Buffer.concat(held);
      held = [];
      return body.write(first);
    },
    async end(summary) {
      this.announce(summary);
      body ??= start(encoder === undefined ? { 'Content-Length': heldBytes } : {});
      await body.end(Buffer.concat(held));
    },
    fail(exception) {
      if (body === undefined) sendException(response, options, exception);
      else body.breakOff(exceptionBlock(exception.textFor(options.engine.version), tag));
    },
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
    ...(httpStatusOf(exception) === 401
      ? { 'WWW-Authenticate': 'Basic realm="ClickHouse server HTTP API"' }
      : {}),
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

// The framing that servers have had since 25.11, which @clickhouse/client reads:
// \r\n__exception__\r\n<tag>\r\n<text>\n<length of text and its line end> <tag>\r\n__exception__\r\n
function exceptionBlock(text: string, tag: string): string {
  const line = `${text}\n`;
  return `\r\n__exception__\r\n${tag}\r\n${line}${Buffer.byteLength(line)} ${tag}\r\n__exception__\r\n`;
}
