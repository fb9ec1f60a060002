import type { Fault } from '@lyceum/xapi';

export interface XapiErrorOptions {
  faults?: readonly Fault[];
  headers?: Readonly<Record<string, string>>;
}

/** A request that is refused: status, a code for programs, a message for people. */
export class XapiError extends Error {
  override name = 'XapiError';
  readonly status: number;
  readonly code: string;
  readonly faults: readonly Fault[];
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    status: number,
    code: string,
    message: string,
    { faults = [], headers = {} }: XapiErrorOptions = {},
  ) {
    super(message);
    this.status = status;
    this.code = code;
    this.faults = faults;
    this.headers = headers;
  }

  /** The same refusal with more headers. */
  with(headers: Readonly<Record<string, string>>): XapiError {
    const { status, code, message, faults } = this;
    return new XapiError(status, code, message, { faults, headers: { ...this.headers, ...headers } });
  }
}

/** Everything that the receiver refuses: one place for codes, statuses and texts. */
export const refusals = {
  noVersion: () =>
    new XapiError(
      400,
      'VERSION_MISSING',
      'Send the header X-Experience-API-Version: 1.0.3 or 2.0.0 (Communication 3.3).',
    ),
  unknownVersion: (version: string) =>
    new XapiError(
      400,
      'VERSION_UNSUPPORTED',
      `xAPI ${version} is not spoken here; 1.0.x and 2.0.0 are (Communication 3.3).`,
    ),
  unauthenticated: () =>
    new XapiError(
      401,
      'UNAUTHENTICATED',
      'No key of this store came with the request, or its secret is wrong, or the access token is none or has ended: send ' +
        'key and secret as HTTP Basic credentials, or an access token as Bearer.',
      {
        headers: { 'www-authenticate': 'Basic realm="xAPI", charset="UTF-8", Bearer realm="xAPI"' },
      },
    ),
  forbidden: (scopes: readonly string[]) =>
    new XapiError(403, 'FORBIDDEN', `The key or token needs one of the scopes ${scopes.join(', ')}.`),
  permission: (name: string) =>
    new XapiError(403, 'FORBIDDEN', `This needs an access token with the permission ${name}.`),
  noJob: (id: string) => new XapiError(404, 'NOT_FOUND', `There is no job on the store ${id.slice(0, 100)}.`),
  jobState: (reason: string) => new XapiError(409, 'JOB_STATE', reason),
  range: (length: number) =>
    new XapiError(416, 'RANGE_NOT_SATISFIABLE', `The file has ${String(length)} bytes.`, {
      headers: { 'content-range': `bytes */${String(length)}` },
    }),
  foreignVoiding: () =>
    new XapiError(
      403,
      'FORBIDDEN_VOIDING',
      'The key may void what it brought itself; to void what others brought it needs the scope all (Data 2.3.2).',
    ),
  noResource: (path: string) => new XapiError(404, 'NOT_FOUND', `There is nothing at ${path.slice(0, 200)}.`),
  noStatement: (id: string) => new XapiError(404, 'NOT_FOUND', `There is no statement ${id}.`),
  noVoided: (id: string) => new XapiError(404, 'NOT_FOUND', `There is no voided statement ${id}.`),
  expiredCursor: () =>
    new XapiError(400, 'CURSOR_EXPIRED', 'This more led on for 24 hours, which are over: ask anew.'),
  method: (method: string, allowed: readonly string[]) =>
    new XapiError(405, 'METHOD_NOT_ALLOWED', `${method} is not possible here.`, {
      headers: { allow: allowed.join(', ') },
    }),
  parameter: (name: string, reason: string) =>
    new XapiError(400, 'BAD_PARAMETER', `Parameter ${name.slice(0, 100)}: ${reason}`),
  form: (reason: string) => new XapiError(400, 'BAD_FORM', `The form ${reason}.`),
  header: (name: string, reason: string) => new XapiError(400, 'BAD_HEADER', `Header ${name}: ${reason}.`),
  contentType: (type: string) =>
    new XapiError(
      400,
      'CONTENT_TYPE',
      `Statements come as application/json or multipart/mixed, not as ${type.slice(0, 100)} (Communication 1.5).`,
    ),
  boundary: () =>
    new XapiError(
      400,
      'BOUNDARY_MISSING',
      'Content-Type multipart/mixed needs a boundary of 1 to 70 characters (RFC 2046, 5.1.1).',
    ),
  multipart: (faults: readonly Fault[]) =>
    new XapiError(
      400,
      'INVALID_MULTIPART',
      'Nothing was stored: see faults for what is wrong with which part.',
      {
        faults,
      },
    ),
  multipartTooLarge: (limit: number) =>
    new XapiError(
      413,
      'BODY_TOO_LARGE',
      `The limit of one request with attachments is ${String(limit)} bytes.`,
    ),
  attachmentTooLarge: (path: string, limit: number) =>
    new XapiError(
      413,
      'ATTACHMENT_TOO_LARGE',
      `${path}: the limit of one attachment is ${String(limit)} bytes.`,
    ),
  attachmentStorageFull: (limit: number) =>
    new XapiError(
      413,
      'ATTACHMENT_STORAGE_FULL',
      `With these, the organisation's attachments would take more than ${String(limit)} bytes. Nothing was stored.`,
    ),
  storageFull: (what: string) =>
    new XapiError(507, 'STORAGE_FULL', `The disk of ${what} is full. Nothing was stored; come again.`, {
      headers: { 'retry-after': '30' },
    }),
  contentEncoding: (encoding: string) =>
    new XapiError(415, 'CONTENT_ENCODING', `Bodies come uncompressed, not as ${encoding.slice(0, 100)}.`),
  tooLarge: (limit: number) =>
    new XapiError(413, 'BODY_TOO_LARGE', `The limit of one request is ${String(limit)} bytes.`),
  tooMany: (count: number, fitting: number) =>
    new XapiError(
      413,
      'TOO_MANY_STATEMENTS',
      `What the store adds to ${String(count)} statements makes more of them than it takes at once. ` +
        `Nothing was stored; of these, send at most ${String(Math.max(fitting, 1))} in one request.`,
    ),
  statementTooLarge: () =>
    new XapiError(
      413,
      'STATEMENT_TOO_LARGE',
      'With what the store adds to it, the statement is more than it takes. Nothing was stored.',
    ),
  noDocument: (id: string) =>
    new XapiError(404, 'NOT_FOUND', `There is no document ${id.slice(0, 200)} here.`),
  documentTooLarge: (limit: number) =>
    new XapiError(413, 'DOCUMENT_TOO_LARGE', `The limit of one document is ${String(limit)} bytes.`),
  notMergeable: (what: string) =>
    new XapiError(
      400,
      'NOT_MERGEABLE',
      `${what} is not application/json with an object: only two of those are merged by POST (Communication 2.2). ` +
        'Nothing was changed; PUT replaces a document.',
    ),
  precondition: (header: string, etag: string | null) =>
    new XapiError(
      412,
      'PRECONDITION_FAILED',
      `${header} does not hold: ${etag === null ? 'there is no such document' : `the document's ETag is "${etag}"`} ` +
        '(Communication 3.1). Nothing was changed.',
      { headers: etag === null ? {} : { etag: `"${etag}"` } },
    ),
  documentExists: (etag: string) =>
    new XapiError(
      409,
      'DOCUMENT_EXISTS',
      'There is such a document, and the request does not say which version it replaces. Read it as it is now, and ' +
        `send its ETag as If-Match to replace it, now "${etag}"; If-None-Match: * only makes new ones (Communication 3.1).`,
      { headers: { etag: `"${etag}"` } },
    ),
  noPrecondition: () =>
    new XapiError(
      400,
      'PRECONDITION_MISSING',
      'A PUT of a profile must say which version it replaces: its ETag as If-Match, or If-None-Match: * where there is ' +
        'none (Communication 3.1).',
    ),
  tooSlow: () =>
    new XapiError(408, 'TOO_SLOW', 'The request did not come to its end in time. Nothing was stored.'),
  cutOff: () => new XapiError(400, 'BODY_CUT_OFF', 'The body ended before its end.'),
  notUtf8: () => new XapiError(400, 'NOT_UTF_8', 'The body is not UTF-8 (RFC 8259, 8.1).'),
  notJson: (reason: string) => new XapiError(400, 'NOT_JSON', `The body is not JSON: ${reason}`),
  tooDeep: (limit: number) =>
    new XapiError(400, 'TOO_DEEP', `The body nests more than ${String(limit)} levels deep.`),
  invalid: (faults: readonly Fault[]) =>
    new XapiError(400, 'INVALID_STATEMENT', 'Nothing was stored: see faults for what is wrong where.', {
      faults,
    }),
  conflict: (id: string, index?: number) =>
    new XapiError(
      409,
      'STATEMENT_CONFLICT',
      `The store has a different statement with the id ${id}. Nothing of the request was stored (Communication 2.1.1).`,
      {
        faults: [
          {
            path: index === undefined ? 'id' : `[${String(index)}].id`,
            reason: 'is the id of a different statement',
            spec: 'Communication 2.1.1',
          },
        ],
      },
    ),
  overtaken: () =>
    new XapiError(
      503,
      'OVERTAKEN',
      'Other requests with the same ids came first again and again. Nothing was stored; come again.',
      { headers: { 'retry-after': '1' } },
    ),
  overloaded: () =>
    new XapiError(
      503,
      'OVERLOADED',
      'More is under way than memory allows. Nothing was stored; come again.',
      { headers: { 'retry-after': '1' } },
    ),
  unreadable: (what: string) =>
    new XapiError(503, 'UNAVAILABLE', `${what} does not answer. Come again.`, {
      headers: { 'retry-after': '5' },
    }),
  unavailable: (what: string) =>
    new XapiError(503, 'UNAVAILABLE', `${what} does not answer. Nothing is known to be stored; come again.`, {
      headers: { 'retry-after': '5' },
    }),
};
