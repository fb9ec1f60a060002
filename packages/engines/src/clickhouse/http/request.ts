import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { ClickHouseException } from '../exception.ts';
import { readMaxQuerySize } from './query-size.ts';

/** A request of ClickHouse's HTTP interface, its parameters sorted by what they are for. */
export interface QueryRequest {
  queryId: string;
  /** The `query` parameter, or empty. */
  query: string;
  database: string | undefined;
  defaultFormat: string;
  session: { id: string; timeoutMs: number; mustExist: boolean } | undefined;
  /** Hold the whole result back until the query has ended, so that its status and summary are final. */
  waitForEnd: boolean;
  compressResponse: boolean;
  /** Why nothing may be changed: it is a GET, or it asks for that. */
  readOnlyReason: 'method' | 'setting' | undefined;
  /** Protocol version in which the client reads the format Native; 0: as it is. */
  clientRevision: number;
  /** The setting max_query_size, in bytes; 0: no limit; undefined: not given. */
  maxQuerySize: number | undefined;
  /** The other settings. */
  settings: Map<string, string>;
  parameters: Map<string, string>;
  roles: string[];
}

/** Parameters that are not settings of the engine. */
const RESERVED = new Set([
  'query', 'query_id', 'database', 'default_format', 'session_id', 'session_timeout', 'session_check', 'close_session',
  'user', 'password', 'quota_key', 'role', 'compress', 'decompress', 'enable_http_compression', 'wait_end_of_query',
  'buffer_size', 'stacktrace', 'readonly', 'log_comment', 'client_protocol_version', 'http_zlib_compression_level',
  'client_trace_context', 'max_query_size',
]); // prettier-ignore

const DEFAULT_FORMAT = 'TabSeparated';
const DEFAULT_SESSION_TIMEOUT_S = 60;
const MAX_SESSION_TIMEOUT_S = 3600;

/**
 * Reads a request's parameters: from the URL, then from the fields of a multipart form.
 *
 * @throws ClickHouseException for a parameter that can't be honoured
 */
export function readRequest(
  message: IncomingMessage,
  url: URLSearchParams,
  fields: ReadonlyMap<string, string> = new Map(),
): QueryRequest {
  const values = new Map([...url, ...fields]);
  refuseUnsupported(values);
  const readOnlyReason = readOnlyBecause(message, values);
  return {
    queryId: nonEmpty(values.get('query_id')) ?? randomUUID(),
    query: values.get('query') ?? '',
    database: nonEmpty(values.get('database')) ?? headerOf(message, 'x-clickhouse-database'),
    defaultFormat: readFormat(
      nonEmpty(values.get('default_format')) ?? headerOf(message, 'x-clickhouse-format'),
    ),
    session: readSession(values),
    waitForEnd: isTrue(values.get('wait_end_of_query')),
    compressResponse: isTrue(values.get('enable_http_compression')),
    readOnlyReason,
    clientRevision: Number(values.get('client_protocol_version') ?? '0') || 0,
    maxQuerySize: readOptional(values.get('max_query_size'), readMaxQuerySize),
    settings: new Map([...values].filter(([name]) => !RESERVED.has(name) && !name.startsWith('param_'))),
    parameters: new Map(
      [...values]
        .filter(([name]) => name.startsWith('param_'))
        .map(([name, value]) => [name.slice(6), value]),
    ),
    roles: url.getAll('role'),
  };
}

/** A header's value, or undefined when absent or empty. */
export function headerOf(message: IncomingMessage, name: string): string | undefined {
  const value = message.headers[name];
  return nonEmpty(Array.isArray(value) ? value[0] : value);
}

function nonEmpty(text: string | undefined): string | undefined {
  return text === '' ? undefined : text;
}

function readOptional<Value>(text: string | undefined, read: (text: string) => Value): Value | undefined {
  return text === undefined ? undefined : read(text);
}

function isTrue(value: string | undefined): boolean {
  return value === '1' || value === 'true';
}

function readFormat(format: string | undefined): string {
  if (format === undefined) return DEFAULT_FORMAT;
  if (/^\w+$/.test(format)) return format;
  throw new ClickHouseException(73, 'UNKNOWN_FORMAT', `Unknown format ${format}`);
}

// GET and HEAD imply readonly, as on a server; POST is read-only where the request asks for it.
function readOnlyBecause(
  message: IncomingMessage,
  values: ReadonlyMap<string, string>,
): 'method' | 'setting' | undefined {
  if (Number(values.get('readonly') ?? '0') > 0) return 'setting';
  return message.method === 'POST' ? undefined : 'method';
}

function refuseUnsupported(values: ReadonlyMap<string, string>): void {
  const name = ['compress', 'decompress'].find((parameter) => isTrue(values.get(parameter)));
  if (name === undefined) return;
  throw new ClickHouseException(
    48,
    'NOT_IMPLEMENTED',
    `The parameter ${name} (blocks compressed in ClickHouse's own way) is not available here: ` +
      'use Content-Encoding for a request, Accept-Encoding with enable_http_compression=1 for an answer',
  );
}

function readSession(values: ReadonlyMap<string, string>): QueryRequest['session'] {
  const id = values.get('session_id');
  if (id === undefined || id === '') return undefined;
  const seconds = Number(values.get('session_timeout') ?? DEFAULT_SESSION_TIMEOUT_S);
  if (!Number.isInteger(seconds) || seconds < 0 || seconds > MAX_SESSION_TIMEOUT_S) {
    throw new ClickHouseException(
      374,
      'INVALID_SESSION_TIMEOUT',
      `Session timeout '${values.get('session_timeout') ?? ''}' is invalid, or larger than max_session_timeout: ` +
        `${MAX_SESSION_TIMEOUT_S}. Maximum session timeout could be modified in configuration file.`,
    );
  }
  return { id, timeoutMs: seconds * 1000, mustExist: isTrue(values.get('session_check')) };
}
