import type { DocumentKind, DocumentStore, StoredDocument } from '../store/documents.ts';
import {
  readDocumentsRequest,
  refuseSince,
  requireOne,
  type DocumentsRequest,
} from './document-parameters.ts';
import { idList } from './document-ids.ts';
import type { Answer, XapiExchange } from './exchange.ts';
import { holdUntilSent } from './hold-until-sent.ts';
import { isMatched, isNoneMatched, readPreconditions } from './preconditions.ts';
import { readBody, type BodyLimits } from './read-body.ts';
import { requireDocuments } from './scopes.ts';
import type { DocumentTarget, DocumentWrites } from './write-documents.ts';
import { refusals, XapiError } from './xapi-error.ts';

/** A document resource (Communication 2.2): /activities/state, /activities/profile or /agents/profile. */
export interface DocumentsResource {
  readonly put: (exchange: XapiExchange) => Promise<Answer>;
  readonly post: (exchange: XapiExchange) => Promise<Answer>;
  readonly get: (exchange: XapiExchange) => Promise<Answer>;
  readonly delete: (exchange: XapiExchange) => Promise<Answer>;
}

export interface DocumentsOptions {
  readonly documents: DocumentStore;
  readonly writes: DocumentWrites;
  readonly body: BodyLimits;
  readonly onFailure: (error: unknown) => void;
}

/** More would wait for the database longer than anybody waits; one connection alone can ask thousands of times at once. */
const mostUnderWay = 500;

const done: Answer = { status: 204 };

export function createDocumentsResource(kind: DocumentKind, o: DocumentsOptions): DocumentsResource {
  let underWay = 0;

  function asked({ credential, parameters }: XapiExchange, access: 'read' | 'write'): DocumentsRequest {
    requireDocuments(credential, kind, access);
    return readDocumentsRequest({ kind, organisationId: credential.organisationId }, parameters);
  }

  async function write(exchange: XapiExchange, method: 'put' | 'post'): Promise<Answer> {
    const target = targetOf(exchange, asked(exchange, 'write'));
    const body = await readDocument(exchange, o.body);
    try {
      const { 'content-type': contentType = 'application/octet-stream' } = exchange.request.headers;
      await o.writes[method](target, { contentType, bytes: body.bytes });
      return done;
    } finally {
      body.release();
    }
  }

  async function one(exchange: XapiExchange, request: DocumentsRequest): Promise<Answer> {
    const { context, id, preconditions } = targetOf(exchange, request);
    const document = await o.documents.selectOptional(context, id);
    if (document === null) throw refusals.noDocument(id);
    const headers = headersOf(document);
    if (!isMatched(preconditions, document.etag)) throw refusals.precondition('If-Match', document.etag);
    if (!isNoneMatched(preconditions, document.etag)) return { status: 304, headers };
    holdUntilSent(document.bytes.length, exchange.response, o.body.inFlight);
    return { status: 200, body: document.bytes, headers };
  }

  async function remove(exchange: XapiExchange): Promise<Answer> {
    const request = asked(exchange, 'write');
    if (kind !== 'STATE' || request.id !== undefined) await o.writes.delete(targetOf(exchange, request));
    else {
      refuseSince(request.since);
      await o.documents.deleteAll(request.context);
    }
    return done;
  }

  /** Where the database fails nothing is known of a write: the client asks again. */
  const told =
    (handle: (exchange: XapiExchange) => Promise<Answer>) =>
    async (exchange: XapiExchange): Promise<Answer> => {
      if (underWay >= mostUnderWay) throw refusals.overloaded();
      underWay += 1;
      try {
        return await handle(exchange);
      } catch (error) {
        if (error instanceof XapiError) throw error;
        o.onFailure(error);
        throw refusals.unavailable('The database of documents');
      } finally {
        underWay -= 1;
      }
    };

  return {
    put: told((exchange) => write(exchange, 'put')),
    post: told((exchange) => write(exchange, 'post')),
    get: told((exchange) => {
      const request = asked(exchange, 'read');
      return request.id === undefined ? idList(o.documents, request) : one(exchange, request);
    }),
    delete: told(remove),
  };
}

function targetOf(
  { request: { headers }, edition }: XapiExchange,
  request: DocumentsRequest,
): DocumentTarget {
  const id = requireOne(request);
  return { context: request.context, id, edition, preconditions: readPreconditions(headers) };
}

async function readDocument({ request }: XapiExchange, limits: BodyLimits) {
  try {
    return await readBody(request, limits);
  } catch (error) {
    const isTooLarge = error instanceof XapiError && error.status === 413;
    throw isTooLarge ? refusals.documentTooLarge(limits.limit) : error;
  }
}

/** A document is any type that its writer says: a browser that is led to it must not run it as a page of ours. */
function headersOf({ contentType, etag, updatedAt }: StoredDocument): Record<string, string> {
  return {
    'content-type': contentType,
    etag: `"${etag}"`,
    'last-modified': updatedAt.toUTCString(),
    'x-content-type-options': 'nosniff',
    'content-security-policy': "default-src 'none'; sandbox",
  };
}
