import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import type { Answer, Exchange } from './exchange.ts';
import { readBody, type BodyLimits } from './read-body.ts';
import { answeredVersion, readVersion } from './version.ts';
import { refusals, XapiError } from './xapi-error.ts';

/**
 * The syntax of 1.0.3 for clients that can only send a form by POST (Communication 1.3): the method as the one parameter
 * of the address; parameters, headers and content as fields of the form.
 */
export interface AlternateSyntax {
  isMeant(exchange: Exchange): boolean;
  /** Unpacks a request, and answers what `handle` answers to it. @throws XapiError */
  handle(exchange: Exchange, handle: (exchange: Exchange) => Answer | Promise<Answer>): Promise<Answer>;
}

/** The headers that a form may have as fields. */
const headerFields = new Set([
  'authorization',
  'x-experience-api-version',
  'content-type',
  'content-length',
  'if-match',
  'if-none-match',
]);

const methods = new Set(['GET', 'PUT', 'POST', 'DELETE']);

/** No resource has as many parameters: what looks like a form of many more is never taken apart. */
const mostFields = 50;

const spec = '(Communication 1.3)';

export function createAlternateSyntax(limits: BodyLimits): AlternateSyntax {
  async function unpack(
    exchange: Exchange,
    handle: (exchange: Exchange) => Answer | Promise<Answer>,
  ): Promise<Answer> {
    const body = await readBody(exchange.request, limits);
    try {
      const inner = innerExchange(exchange, readForm(body.bytes));
      return await versioned(inner, handle);
    } finally {
      body.release();
    }
  }

  return {
    isMeant: ({ request, parameters }) => request.method === 'POST' && parameters.has('method'),
    handle(exchange, handle) {
      const other = [...exchange.parameters.keys()].filter((name) => name !== 'method');
      if (other[0] !== undefined) throw refusals.parameter(other[0], `does not go with method ${spec}`);
      if (exchange.parameters.getAll('method').length > 1)
        throw refusals.parameter('method', 'is given twice');
      return unpack(exchange, handle);
    },
  };
}

interface Form {
  readonly headers: Readonly<Record<string, string>>;
  readonly parameters: URLSearchParams;
  readonly content: string | undefined;
}

function readForm(bytes: Buffer): Form {
  const text = bytes.toString();
  if (text.split('&', mostFields + 1).length > mostFields) throw refusals.form(`has too many fields ${spec}`);
  const headers: Record<string, string> = {};
  const parameters = new URLSearchParams();
  let content: string | undefined;
  for (const [name, value] of new URLSearchParams(text)) {
    const header = name.toLowerCase();
    if (name === 'content' && content === undefined) content = value;
    else if (!headerFields.has(header)) parameters.append(name, value);
    else headers[header] = headerValue(name, value, Object.hasOwn(headers, header));
  }
  return { headers, parameters, content };
}

/** As the parser of HTTP would take it: what is written into an answer one day must not break its lines. */
function headerValue(name: string, value: string, isRepeated: boolean): string {
  if (isRepeated) throw refusals.form(`has the field ${name} twice`);
  if (!/^[\t\x20-\x7e]*$/.test(value)) throw refusals.form(`has no header in the field ${name}`);
  return value.trim();
}

function innerExchange(exchange: Exchange, form: Form): Exchange {
  const method = exchange.parameters.get('method') ?? '';
  if (!methods.has(method)) throw refusals.parameter('method', `must be one of ${[...methods].join(', ')}`);
  const headers = innerHeaders(exchange.request.headers, form);
  const isWriting = method === 'PUT' || method === 'POST';
  if (isWriting && form.content === undefined) throw refusals.form(`lacks the field content ${spec}`);
  const content = isWriting ? Buffer.from(form.content ?? '') : Buffer.alloc(0);
  return {
    ...exchange,
    parameters: form.parameters,
    request: innerRequest(method, { ...headers, 'content-length': String(content.length) }, content),
  };
}

/** What is content without a type of its own is a statement, or a document like one. */
function innerHeaders(outer: IncomingHttpHeaders, { headers }: Form): IncomingHttpHeaders {
  const { 'content-type': _formType, 'transfer-encoding': _encoding, ...kept } = outer;
  return { ...kept, 'content-type': 'application/json', ...headers };
}

/** What resources look at in a request: its method, its headers, and the bytes that come from it. */
function innerRequest(method: string, headers: IncomingHttpHeaders, content: Buffer): IncomingMessage {
  const stream = Readable.from(content.length === 0 ? [] : [content]);
  return Object.assign(stream, { method, headers }) as unknown as IncomingMessage;
}

/** The answer says the version that the form did. */
async function versioned(
  exchange: Exchange,
  handle: (exchange: Exchange) => Answer | Promise<Answer>,
): Promise<Answer> {
  const edition = readVersion(exchange.request.headers['x-experience-api-version']);
  if (edition !== '1.0') throw refusals.parameter('method', 'is a syntax of 1.0.x; 2.0 does not have it');
  const version = { 'x-experience-api-version': answeredVersion[edition] };
  try {
    const answer = await handle(exchange);
    return { ...answer, headers: { ...version, ...answer.headers } };
  } catch (error) {
    if (!(error instanceof XapiError)) throw error;
    const { status, code, message, faults, headers } = error;
    throw new XapiError(status, code, message, { faults, headers: { ...version, ...headers } });
  }
}
