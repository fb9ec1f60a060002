import { readFile } from 'node:fs/promises';
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
import { watchSupergraph } from '../federation/supergraph-file.ts';
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
      const file = resolve(env.INIT_CWD, asked.supergraph);
      const logger = createLogger({ service: 'gateway', level: env.LOG_LEVEL });
      const persisted = await openDocuments(env, logger);
      const { server, generations } = await open(file, asked, { env, logger, ...persisted });
      const address = { host: asked.host ?? env.HOST, port: asked.port ?? env.PORT };
      const url = await listen(server, address, 'Pass another --port');
      const unwatch = watchSupergraph(file, logger, (sdl) => generations.replace(sdl));
      logger.info({ url, supergraph: file }, 'listening');
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

/** @throws StartError when the file can't be read, or is no supergraph. */
async function open(
  file: string,
  { tokens }: StandaloneArguments,
  { env, logger, documents }: { env: StandaloneEnv; logger: Logger; documents: KnownDocuments },
): Promise<Gateway> {
  const supergraphSdl = await read(file);
  try {
    return await createGateway({
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
  } catch (cause) {
    throw new StartError(`The supergraph ${file} cannot be served. ${messageOf(cause)}`, { cause });
  }
}

async function read(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    throw new StartError(`The supergraph ${file} cannot be read. ${messageOf(cause)}`, { cause });
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
