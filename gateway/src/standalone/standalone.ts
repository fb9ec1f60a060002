import { resolve } from 'node:path';
import {
  createForeignTokenVerifier,
  createLogger,
  listen,
  StartError,
  type Logger,
  type Service,
} from '@lyceum/service';
import { limitsOf, liveLimitsOf, readStandaloneEnv, type StandaloneEnv } from '../env.ts';
import {
  serveSupergraph,
  type ServedSupergraph,
  type SupergraphSource,
} from '../federation/served-supergraph.ts';
import { createGateway, type Gateway } from '../gateway.ts';
import type { KnownDocuments } from '../persisted/known-documents.ts';
import { openDocuments } from '../persisted/open-documents.ts';
import { parseStandaloneArguments, type StandaloneArguments } from './arguments.ts';

/**
 * The gateway alone, over any supergraph: no identity, no event log, no engine. Subgraphs are where the supergraph says
 * (`@join__graph(url:)`); a client's `authorization` goes to them as it is, verified where it is said with which keys.
 */
export function standalone(given: readonly string[]): Service {
  return {
    name: 'gateway',
    async start() {
      const asked = parseStandaloneArguments(given);
      const env = readStandaloneEnv();
      const logger = createLogger({ service: 'gateway', level: env.LOG_LEVEL });
      const persisted = await openDocuments(env, logger);
      const { gateway, follow } = await open(asked, { env, logger, ...persisted });
      const { server } = gateway;
      const address = { host: asked.host ?? env.HOST, port: asked.port ?? env.PORT };
      const url = await listen(server, address, 'Pass another --port');
      const unwatch = follow();
      logger.info({ url, supergraph: asked.supergraphUrl ?? asked.supergraph }, 'listening');
      return {
        url,
        stop: async () => {
          unwatch();
          persisted.stop();
          await server.close();
        },
      };
    },
  };
}

function sourceOf(
  { supergraph, supergraphUrl: url }: StandaloneArguments,
  env: StandaloneEnv,
): SupergraphSource {
  const file = resolve(env.INIT_CWD, supergraph);
  if (url === undefined) return { file };
  const { SUPERGRAPH_URL_TOKEN: token, SUPERGRAPH_POLL_MS: intervalMs } = env;
  return { url, token, intervalMs, copy: file };
}

/** @throws StartError where there is no supergraph that can be served. */
async function open(
  asked: StandaloneArguments,
  { env, logger, documents }: { env: StandaloneEnv; logger: Logger; documents: KnownDocuments },
): Promise<ServedSupergraph<Gateway>> {
  const { tokens } = asked;
  const create = (supergraphSdl: string) =>
    createGateway({
      supergraphSdl,
      subgraphAddresses: {},
      subgraphTimeoutMs: env.SUBGRAPH_TIMEOUT_MS,
      verifier: tokens && createForeignTokenVerifier(tokens),
      limits: limitsOf(env),
      documents,
      introspection: env.introspection,
      production: env.production,
      gatewaySecret: undefined,
      ...(env.TRUSTED_PROXIES ? { trustedProxies: env.TRUSTED_PROXIES } : {}),
      ...(env.ALLOWED_ORIGINS ? { allowedOrigins: env.ALLOWED_ORIGINS } : {}),
      subscriberCapacity: env.SUBSCRIBER_CAPACITY,
      liveLimits: liveLimitsOf(env),
      patience: { attempts: 10, firstPauseMs: 200, longestPauseMs: 5_000 },
      logger,
    });
  try {
    return await serveSupergraph(sourceOf(asked, env), logger, create);
  } catch (cause) {
    if (cause instanceof StartError) throw cause;
    throw new StartError(`The supergraph ${asked.supergraph} cannot be served. ${messageOf(cause)}`, {
      cause,
    });
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
