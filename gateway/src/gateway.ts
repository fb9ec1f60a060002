import {
  createHttpServer,
  createMetrics,
  type Metrics,
  type HealthCheck,
  type HttpServer,
  type Logger,
  type TokenVerifier,
} from '@lyceum/service';
import { forwardedFiles } from './files/forwarded-files.ts';
import { forwardToIdentity, type ForwardingOptions } from './forwarding/forward-to-identity.ts';
import { forwardedSignOn } from './sso/forwarded-sign-on.ts';
import { createAccess } from './access/access.ts';
import { createTokenExchange } from './access/exchange-token.ts';
import { createPersonalAccessTokens } from './access/personal-access-tokens.ts';
import { serveTokenRoute } from './oauth/token-route.ts';
import type { ClosedOrganisations } from './access/closed-organisations.ts';
import { createEndedSessions, type EndedSessions } from './access/ended-sessions.ts';
import { createCostMetrics } from './cost/cost-metrics.ts';
import { createGenerations, type Generations } from './federation/generations.ts';
import type { Limits } from './limits/limits.ts';
import { comparableDocuments } from './limits/comparable-documents.ts';
import { createKnownDocuments, type KnownDocuments } from './persisted/known-documents.ts';
import { createApollo } from './requests/apollo.ts';
import { createErrorFormatter } from './requests/format-error.ts';
import { serveGraphQL } from './requests/graphql-route.ts';
import { createOperationMetrics } from './requests/operation-metrics.ts';
import { createOrigins } from './requests/origins.ts';
import { permissionsAsPolicies, type Policies } from './rights/asker.ts';
import { openAccess } from './standalone/open-access.ts';
import type { SubgraphAddresses } from './subgraphs/addresses.ts';
import { createCircuitMetrics } from './subgraphs/circuit-metrics.ts';
import { createFetchMetrics } from './subgraphs/fetch-metrics.ts';
import { createSubgraphs } from './subgraphs/subgraphs.ts';
import { stockLiveLimits, type LiveLimits } from './subscriptions/live-limits.ts';
import { multipartFramings } from './subscriptions/multipart.ts';
import { createPresence } from './subscriptions/presence.ts';
import { createOperationRunner } from './subscriptions/run-operation.ts';
import { serverSentEvents } from './subscriptions/server-sent-events.ts';
import { singleEventStreams } from './subscriptions/single-event-streams.ts';
import { streamedAnswers } from './subscriptions/streamed-answers.ts';
import type { Patience } from './subscriptions/upstream.ts';
import { serveWebSockets } from './subscriptions/websocket.ts';
import { playgroundForBrowsers, servePages, type PagesOptions } from './pages/pages.ts';

export interface GatewayOptions {
  readonly supergraphSdl: string;
  /** Where a subgraph is, by name, if not where the supergraph says. */
  readonly subgraphAddresses: SubgraphAddresses;
  readonly subgraphTimeoutMs: number;
  /** Absent in a gateway that authenticates nobody, and leaves what a client says of itself to the subgraphs. */
  readonly verifier: TokenVerifier | undefined;
  /** What @policy in the supergraph means, where tokens are verified; stock: the names of our permissions. */
  readonly policies?: Policies;
  /** Sessions whose tokens are refused although they are valid; absent where nobody tells of them. */
  readonly endedSessions?: EndedSessions;
  /** The same of whole organisations. */
  readonly closedOrganisations?: ClosedOrganisations;
  /** Identity's token endpoint; absent where there are neither API clients nor personal access tokens. */
  readonly tokenEndpoint?: string;
  /** What readiness asks beside the subgraphs. */
  readonly checks?: readonly HealthCheck[];
  readonly limits: Limits;
  /** Where operations are found that are sent by a hash or an id; absent: what clients have shown is remembered. */
  readonly documents?: KnownDocuments;
  readonly introspection: boolean;
  readonly production: boolean;
  /** Absent in a gateway that serves only the graph, of subgraphs that ask for no client. */
  readonly gatewaySecret: string | undefined;
  /** Whose pages may ask and read, beside those of its own origin. */
  readonly allowedOrigins?: readonly string[];
  /** See createHttpServer. */
  readonly trustedProxies?: readonly string[];
  /** Events that may wait for a slow subscriber. */
  readonly subscriberCapacity: number;
  /** What clients that stay connected may take; stock ones where absent. */
  readonly liveLimits?: Partial<LiveLimits>;
  /** How long a subscription waits for a lost subgraph. */
  readonly patience: Patience;
  /** Whose files and single sign-on go through the gateway; absent in a gateway that serves only the graph. */
  readonly forwarding?: ForwardingOptions;
  /** The pages for people; absent in a gateway that serves only the graph. */
  readonly pages?: Omit<PagesOptions, 'circuits'>;
  readonly logger: Logger;
}

/** A gateway that is ready to listen. */
export interface Gateway {
  readonly server: HttpServer;
  readonly generations: Generations;
  readonly metrics: Metrics;
}

/**
 * One graph over the subgraphs of a supergraph.
 *
 * @throws Error when the supergraph cannot be loaded.
 */
export async function createGateway(options: GatewayOptions): Promise<Gateway> {
  const { supergraphSdl, limits, introspection, production, patience, logger } = options;
  const metrics = createMetrics('gateway');
  const format = createErrorFormatter({ logger, production });
  const subgraphs = createSubgraphs({
    addresses: options.subgraphAddresses,
    timeoutMs: options.subgraphTimeoutMs,
    observe: createFetchMetrics(metrics),
    observeCircuit: createCircuitMetrics(metrics, logger),
    gatewaySecret: options.gatewaySecret,
    logger,
  });
  const policies = options.verifier && (options.policies ?? permissionsAsPolicies);
  const generations = await createGenerations({ supergraphSdl, subgraphs, policies, logger, metrics });
  const observe = createOperationMetrics(metrics);
  const documents = comparableDocuments(options.documents ?? createKnownDocuments({}), limits.tokens);
  const observeCost = createCostMetrics(metrics);
  const apollo = createApollo({ ...options, generations, format, observe, observeCost });
  await apollo.start();
  const runner = createOperationRunner({
    apollo,
    generations,
    subgraphs,
    rules: { limits, introspection },
    documents,
    capacity: options.subscriberCapacity,
    format,
    logger,
    metrics,
  });

  const checks = [
    { name: 'subgraphs', check: () => subgraphs.untilAllAnswered() },
    ...(options.checks ?? []),
  ];
  const proxies = options.trustedProxies ? { trustedProxies: options.trustedProxies } : {};
  const server = createHttpServer({ logger, metrics, checks, ...proxies });
  const { verifier, tokenEndpoint, subgraphTimeoutMs: timeoutMs, gatewaySecret } = options;
  const access = verifier
    ? createAccess({
        verifier,
        ended: options.endedSessions ?? createEndedSessions(),
        closed: options.closedOrganisations,
        personalAccessTokens: tokenEndpoint
          ? createPersonalAccessTokens(createTokenExchange({ url: tokenEndpoint, timeoutMs }))
          : undefined,
      })
    : openAccess;
  if (tokenEndpoint && gatewaySecret)
    serveTokenRoute(server, { url: tokenEndpoint, timeoutMs, gatewaySecret });
  const liveLimits = { ...stockLiveLimits, ...options.liveLimits };
  const presence = createPresence({ limits: liveLimits, metrics });
  const connecting = { server, presence, runner, access, format, patience, limits: liveLimits, logger };
  const framings = [serverSentEvents, ...multipartFramings];
  const alternatives = [singleEventStreams(connecting), streamedAnswers({ ...connecting, framings })];
  if (options.pages) {
    await servePages(server, { ...options.pages, circuits: subgraphs.circuits });
    alternatives.unshift(playgroundForBrowsers(options.pages));
  }
  if (options.forwarding && gatewaySecret) {
    const forwarding = { ...options.forwarding, gatewaySecret, access };
    forwardToIdentity(server, forwarding, forwardedFiles);
    forwardToIdentity(server, forwarding, forwardedSignOn);
  }
  const origins = createOrigins(options.allowedOrigins ?? []);
  serveGraphQL({ server, apollo, access, origins, documents, alternatives });
  serveWebSockets({ ...connecting, metrics, ...proxies });
  server.addHook('onClose', async () => {
    await apollo.stop();
    await subgraphs.close();
  });
  return { server, generations, metrics };
}
