import { randomUUID } from 'node:crypto';
import type { Socket } from 'node:net';
import fastify, {
  LogController,
  type FastifyBaseLogger,
  type FastifyInstance,
  type FastifyRequest,
} from 'fastify';
import type { Logger } from './logger.ts';
import type { Metrics } from './metrics.ts';
import { clientHeader, clientOf, openClient, type Client } from './client.ts';
import { withRequest } from './current-request.ts';

export type HttpServer = FastifyInstance;

/** One thing that a service needs in order to be ready; rejects with the reason while it is not. */
export interface HealthCheck {
  readonly name: string;
  check(): Promise<void>;
}

/**
 * The HTTP server of a service: /health/live, /health/ready, /metrics, and an `x-request-id` that is taken from the
 * caller or made here, travels on every log line, and is answered.
 */
export function createHttpServer(options: {
  logger: Logger;
  metrics: Metrics;
  checks: readonly HealthCheck[];
  bodyLimit?: number;
  /** What the gateway signs with which client it forwards; absent in a service that asks for no client. */
  gatewaySecret?: string;
  /** The proxies in front, whose X-Forwarded-For tells the client's address: addresses and CIDR ranges. */
  trustedProxies?: readonly string[];
}): HttpServer {
  const loggerInstance: FastifyBaseLogger = options.logger;
  const server = fastify({
    loggerInstance,
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: options.bodyLimit ?? 1_048_576,
    forceCloseConnections: 'idle',
    genReqId: ({ headers }) => callersId(headers['x-request-id']) ?? randomUUID(),
    trustProxy: options.trustedProxies ? [...options.trustedProxies] : false,
    schemaController: { compilersFactory: { buildValidator: refuseSchema, buildSerializer: refuseSchema } },
  });
  server.addHook('onRequest', (request, reply, done) => {
    void reply.header('x-request-id', request.id);
    withRequest({ id: request.id, client: clientBehind(request, options.gatewaySecret) }, done);
  });
  const isStopping = stopOf(server);
  hangUpOnSilent(server);
  addHealth(server, options.checks, isStopping);
  server.get('/metrics', async (_request, reply) =>
    reply.type(options.metrics.registry.contentType).send(await options.metrics.registry.metrics()),
  );
  return server;
}

/** No route of ours has a schema; fastify would load the compilers of such at every start, all of ajv among them. */
function refuseSchema(): never {
  throw new Error('A route has a schema of fastify: bodies are checked by whoever handles them');
}

/** It is kept with what was done: nobody fills a log or a table with it. */
function callersId(header: string | string[] | undefined): string | undefined {
  return typeof header === 'string' && /^[\w.:/+=-]{1,128}$/.test(header) ? header : undefined;
}

/** The client that the gateway forwards for, or else whoever is connected. */
function clientBehind({ headers, ip }: FastifyRequest, gatewaySecret: string | undefined): Client {
  const sealed = headers[clientHeader];
  const forwarded =
    gatewaySecret !== undefined && typeof sealed === 'string' ? openClient(sealed, gatewaySecret) : undefined;
  return forwarded ?? clientOf(ip, headers['user-agent']);
}

/**
 * Tells whether the server closes. Connections that are idle are closed then; one with a request under way is by its
 * answer, or it would be kept alive, and the server open, for a minute more.
 */
function stopOf(server: HttpServer): () => boolean {
  let stopping = false;
  server.addHook('preClose', async () => {
    stopping = true;
  });
  server.addHook('onSend', async (_request, reply) => {
    if (stopping) void reply.header('connection', 'close');
  });
  return () => stopping;
}

const sweepMs = 500;

/**
 * To Node, a connection over which nothing ever came is not idle, and would keep the server open for a minute: browsers
 * and others open such, to have one at hand.
 */
function hangUpOnSilent(server: HttpServer): void {
  const connections = new Set<Socket>();
  server.server.on('connection', (connection: Socket) => {
    connections.add(connection);
    connection.once('close', () => connections.delete(connection));
  });
  // More than once: until the listener is closed, others may come.
  let sweeping: NodeJS.Timeout | undefined;
  const sweep = () => {
    for (const connection of connections) if (connection.bytesRead === 0) connection.destroy();
  };
  server.addHook('preClose', async () => {
    sweep();
    sweeping = setInterval(sweep, sweepMs);
  });
  server.addHook('onClose', async () => {
    clearInterval(sweeping);
  });
}

function addHealth(server: HttpServer, checks: readonly HealthCheck[], isStopping: () => boolean): void {
  server.get('/health/live', async () => ({ status: 'live' }));
  server.get('/health/ready', async (_request, reply) => {
    const results = await Promise.all(checks.map(runCheck));
    const ready = !isStopping() && results.every(({ ok }) => ok);
    return reply.code(ready ? 200 : 503).send({ status: ready ? 'ready' : 'not ready', checks: results });
  });
}

async function runCheck(healthCheck: HealthCheck) {
  const { name } = healthCheck;
  try {
    await healthCheck.check();
    return { name, ok: true };
  } catch (error) {
    return { name, ok: false, reason: error instanceof Error ? error.message : String(error) };
  }
}
