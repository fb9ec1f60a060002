import { join } from 'node:path';
import { createEventLog } from '@lyceum/events';
import {
  createLogger,
  createTokenVerifier,
  isMain,
  listen,
  runService,
  type Logger,
  type RunningService,
  type Service,
} from '@lyceum/service';
import { followRevocations, type Revocations } from './access/follow-revocations.ts';
import { limitsOf, liveLimitsOf, readEnv, type Env } from './env.ts';
import { serveSupergraph, type SupergraphSource } from './federation/served-supergraph.ts';
import { createGateway } from './gateway.ts';
import { openDocuments } from './persisted/open-documents.ts';
import { publicAddresses, type PublicAddresses } from './pages/public-addresses.ts';
import { createSystemStatus, type ObservedService } from './pages/system-status.ts';
import { standalone } from './standalone/standalone.ts';

export const service: Service = {
  name: 'gateway',
  async start() {
    const env = readEnv();
    const logger = createLogger({ service: 'gateway', level: env.LOG_LEVEL });
    const revocations = followRevocations({ openLog: () => openLog(env, logger), logger });
    try {
      return await startGateway(env, logger, revocations);
    } catch (error) {
      // A process that ends while the log is being opened hangs in it.
      await revocations.stop();
      throw error;
    }
  },
};

async function startGateway(env: Env, logger: Logger, revocations: Revocations): Promise<RunningService> {
  const persisted = await openDocuments(env, logger);
  const { gateway, follow } = await serveSupergraph(supergraphSource(env), logger, (supergraphSdl) =>
    createGateway({
      supergraphSdl,
      subgraphAddresses: subgraphAddresses(env),
      subgraphTimeoutMs: env.SUBGRAPH_TIMEOUT_MS,
      verifier: createTokenVerifier({ jwksUrl: env.JWKS_URL, issuer: env.PUBLIC_URL, audience: 'lyceum' }),
      endedSessions: revocations.ended,
      closedOrganisations: revocations.closed,
      checks: [revocations.check],
      tokenEndpoint: new URL('/oauth/token', env.IDENTITY_URL).href,
      limits: limitsOf(env),
      documents: persisted.documents,
      introspection: env.introspection,
      production: env.production,
      gatewaySecret: env.GATEWAY_SECRET,
      ...(env.TRUSTED_PROXIES ? { trustedProxies: env.TRUSTED_PROXIES } : {}),
      ...(env.ALLOWED_ORIGINS ? { allowedOrigins: env.ALLOWED_ORIGINS } : {}),
      subscriberCapacity: env.SUBSCRIBER_CAPACITY,
      liveLimits: liveLimitsOf(env),
      patience: { attempts: 10, firstPauseMs: 200, longestPauseMs: 5_000 },
      forwarding: { identityUrl: new URL(env.IDENTITY_URL).origin },
      pages: {
        webDirectory: env.WEB_DIR,
        operationsDirectory: env.OPERATIONS_DIR,
        demo: env.LYCEUM_DEMO,
        addresses: linkedAddresses(env),
        status: createSystemStatus(observedServices(env), { detailed: !env.production }),
      },
      logger,
    }),
  );
  const { server } = gateway;
  const url = await listen(server, { host: env.HOST, port: env.PORT });
  const unwatch = follow();
  logger.info({ url }, 'listening');
  return {
    url,
    stop: async () => {
      unwatch();
      persisted.stop();
      await server.close();
      await revocations.stop();
    },
  };
}

function openLog(env: Env, logger: Logger) {
  return createEventLog({
    kafkaBrokers: env.KAFKA_BROKERS,
    directory: join(env.LYCEUM_DATA_DIR, 'log'),
    clientId: 'gateway',
    logger,
  });
}

function supergraphSource(env: Env): SupergraphSource {
  const { SUPERGRAPH_URL: url, SUPERGRAPH_URL_TOKEN: token, SUPERGRAPH_POLL_MS: intervalMs } = env;
  if (url === undefined) return { file: env.SUPERGRAPH, advice: 'Run npm run build, or set SUPERGRAPH.' };
  return { url, token, intervalMs, copy: join(env.LYCEUM_DATA_DIR, 'gateway', 'supergraph.graphql') };
}

function subgraphAddresses(env: Env) {
  return {
    identity: env.IDENTITY_URL,
    catalog: env.CATALOG_URL,
    learning: env.LEARNING_URL,
    assessment: env.ASSESSMENT_URL,
    records: env.RECORDS_URL,
  };
}

function linkedAddresses(env: Env): PublicAddresses {
  return publicAddresses({
    configured: {
      xapi: env.XAPI_PUBLIC_URL,
      jwks: env.JWKS_PUBLIC_URL,
      clickhouse: env.CLICKHOUSE_PUBLIC_URL,
    },
    internal: { xapi: `${env.LRS_URL}/xapi`, jwks: env.JWKS_URL, clickhouse: env.CLICKHOUSE_URL },
    production: env.production,
  });
}

function observedServices(env: Env): ObservedService[] {
  const subgraphs = Object.entries(subgraphAddresses(env)).map(([name, url]) => ({
    name,
    url: new URL(url).origin,
  }));
  return [
    ...subgraphs,
    { name: 'lrs-receive', url: env.LRS_URL },
    { name: 'lrs-ingest', url: env.LRS_INGEST_URL },
  ];
}

if (isMain(import.meta)) {
  // Of the system there are no arguments: whoever gives some wants a gateway over another graph.
  const given = process.argv.slice(2);
  await runService(given.length === 0 ? service : standalone(given));
}
