import type { IncomingMessage, ServerResponse } from 'node:http';
import { about } from './about.ts';
import type { Credentials } from './credentials.ts';
import type { Answer, Exchange, XapiExchange } from './exchange.ts';
import type { ReadResource } from './activities.ts';
import type { StatementsResource } from './statements.ts';
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
  /** Health and metrics. */
  readonly service: Readonly<Record<string, Resource>>;
}

/** The resources of the standard that this store does not have yet; each gets a file beside statements.ts. */
const later = ['/xapi/activities/state', '/xapi/activities/profile', '/xapi/agents/profile'];

export function createRouter(options: RouterOptions): Handler {
  const { credentials, statements, activities, agents, service } = options;
  const xapi =
    (handle: (exchange: XapiExchange) => Promise<Answer>): Handler =>
    async (exchange) => {
      const { headers } = exchange.request;
      const edition = readVersion(headers['x-experience-api-version']);
      const credential = await credentials.verify(headers.authorization);
      return handle({ ...exchange, edition, credential });
    };
  const resources: Record<string, Resource> = {
    '/xapi/statements': { GET: xapi(statements.get), POST: xapi(statements.post), PUT: xapi(statements.put) },
    '/xapi/activities': { GET: xapi(activities.get) },
    '/xapi/agents': { GET: xapi(agents.get) },
    '/xapi/about': { GET: about },
    ...service,
  };
  const byPath = new Map(Object.entries(resources));
  return (exchange) => {
    const { path, request } = exchange;
    const resource = byPath.get(path);
    if (resource === undefined)
      throw later.includes(path) ? refusals.notThereYet(path) : refusals.noResource(path);
    const method = request.method === 'HEAD' ? 'GET' : (request.method ?? '');
    const handle = Object.hasOwn(resource, method) ? resource[method] : undefined;
    if (handle === undefined) throw refusals.method(method, Object.keys(resource));
    return handle(exchange);
  };
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
