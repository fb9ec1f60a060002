import type { IncomingMessage, ServerResponse } from 'node:http';
import { about } from './about.ts';
import { createAlternateSyntax } from './alternate-syntax.ts';
import { preflight } from './cors.ts';
import type { Credentials } from './credentials.ts';
import type { DocumentsResource } from './documents.ts';
import type { Answer, Exchange, XapiExchange } from './exchange.ts';
import type { ReadResource } from './activities.ts';
import type { BodyLimits } from './read-body.ts';
import type { StatementsResource } from './statements.ts';
import type { StoreFileResource } from './store-export.ts';
import { readVersion } from './version.ts';
import { refusals } from './xapi-error.ts';

type Handler = (exchange: Exchange) => Answer | Promise<Answer>;

/** The handlers of one path by method; HEAD is GET without its body. */
export type Resource = Readonly<Record<string, Handler>>;

export interface RouterOptions {
  readonly credentials: Credentials;
  readonly statements: StatementsResource;
  readonly activities: ReadResource;
  readonly agents: ReadResource;
  readonly states: DocumentsResource;
  readonly activityProfiles: DocumentsResource;
  readonly agentProfiles: DocumentsResource;
  /** Of a request in the alternate syntax, which has its real one within. */
  readonly body: BodyLimits;
  /** Files of a whole store. */
  readonly storeExport: StoreFileResource['get'];
  readonly storeImport: StoreFileResource['get'];
  /** Health and metrics. */
  readonly service: Readonly<Record<string, Resource>>;
}

export function createRouter(o: RouterOptions): Handler {
  const { credentials, statements, activities, agents } = o;
  const alternate = createAlternateSyntax(o.body);
  const xapi =
    (handle: (exchange: XapiExchange) => Promise<Answer>): Handler =>
    async (exchange) => {
      const { headers } = exchange.request;
      const edition = readVersion(headers['x-experience-api-version']);
      const credential = await credentials.verify(headers.authorization);
      return handle({ ...exchange, edition, credential });
    };
  // No resource of xAPI: whoever fetches a file names no version.
  const authenticated =
    (handle: StoreFileResource['get']): Handler =>
    async (exchange) => {
      const credential = await credentials.verify(exchange.request.headers.authorization);
      return handle({ ...exchange, credential });
    };
  const documents = (resource: DocumentsResource): Resource => ({
    GET: xapi(resource.get),
    POST: xapi(resource.post),
    PUT: xapi(resource.put),
    DELETE: xapi(resource.delete),
  });
  const resources: Record<string, Resource> = {
    '/xapi/statements': { GET: xapi(statements.get), POST: xapi(statements.post), PUT: xapi(statements.put) },
    '/xapi/activities': { GET: xapi(activities.get) },
    '/xapi/agents': { GET: xapi(agents.get) },
    '/xapi/activities/state': documents(o.states),
    '/xapi/activities/profile': documents(o.activityProfiles),
    '/xapi/agents/profile': documents(o.agentProfiles),
    '/xapi/store/export': { GET: authenticated(o.storeExport) },
    '/xapi/store/import': { PUT: authenticated(o.storeImport) },
    '/xapi/about': { GET: about },
    ...o.service,
  };
  const byPath = new Map(Object.entries(resources));
  const route: Handler = (exchange) => {
    const { path, request } = exchange;
    const resource = byPath.get(path);
    if (resource === undefined) throw refusals.noResource(path);
    if (request.method === 'OPTIONS') return preflight(methodsOf(resource));
    if (alternate.isMeant(exchange)) return alternate.handle(exchange, route);
    const method = request.method === 'HEAD' ? 'GET' : (request.method ?? '');
    const handle = Object.hasOwn(resource, method) ? resource[method] : undefined;
    if (handle === undefined) throw refusals.method(method, methodsOf(resource));
    return handle(exchange);
  };
  return route;
}

function methodsOf(resource: Resource): string[] {
  const methods = Object.keys(resource);
  return methods.includes('GET') ? ['HEAD', ...methods] : methods;
}

const none = new URLSearchParams();

/** What is known of a request from its first line and headers. */
export function readExchange(
  request: IncomingMessage,
  response: ServerResponse,
  requestId: string,
): Exchange {
  const { url = '/' } = request;
  const query = url.indexOf('?');
  const path = query < 0 ? url : url.slice(0, query);
  const parameters = query < 0 ? none : new URLSearchParams(url.slice(query + 1));
  return { request, response, path, parameters, requestId };
}
