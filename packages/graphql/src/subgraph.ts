import { readFileSync } from 'node:fs';
import { ApolloServer } from '@apollo/server';
import {
  ApolloServerPluginInlineTraceDisabled,
  ApolloServerPluginUsageReportingDisabled,
} from '@apollo/server/plugin/disabled';
import { buildSubgraphSchema } from '@apollo/subgraph';
import fastifyApollo from '@as-integrations/fastify';
import {
  createHttpServer,
  type HealthCheck,
  type HttpServer,
  type Logger,
  type Metrics,
  type TokenVerifier,
  type Viewer,
} from '@lyceum/service';
import { Kind, parse, type GraphQLSchema } from 'graphql';
import { aroundMutations, type AroundMutation } from './around-mutations.ts';
import { viewerOf } from './authenticate.ts';
import { formatGraphQLError } from './format-error.ts';
import { protect } from './permissions.ts';
import type { RequestContext } from './request-context.ts';
import { scalars } from './scalars.ts';
import { serveSubscriptions } from './subscriptions.ts';

export interface SubgraphOptions<Context extends RequestContext> {
  /** The path of schema.graphql. */
  readonly schemaFile: string;
  readonly resolvers: object;
  readonly permissions: Parameters<typeof protect>[1];
  /** Stands around each call of a mutation, also one that is refused. */
  readonly aroundMutation?: AroundMutation<Context>;
  /** Made anew for each request and for each event of a subscription, so that loaders never outlive it. */
  readonly context: (request: { viewer: Viewer | null; requestId: string }) => Context;
  readonly verifier: TokenVerifier;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly checks: readonly HealthCheck[];
  readonly production: boolean;
  /** See createHttpServer. */
  readonly gatewaySecret?: string;
}

/**
 * The server of a subgraph: GraphQL over HTTP and, for subscriptions, graphql-ws at /graphql; health and metrics
 * beside it. It is not listening yet: routes of a service's own may be added first.
 */
export async function createSubgraph<Context extends RequestContext>(
  options: SubgraphOptions<Context>,
): Promise<HttpServer> {
  const { verifier, logger, production } = options;
  const server = createHttpServer(options);
  const schema = buildSchema(options);
  const apollo = new ApolloServer<Context>({
    schema,
    csrfPrevention: true,
    allowBatchedHttpRequests: false,
    introspection: true,
    includeStacktraceInErrorResponses: false,
    logger: logger.child({ component: 'apollo' }),
    formatError: formatGraphQLError({ logger, production }),
    plugins: [ApolloServerPluginUsageReportingDisabled(), ApolloServerPluginInlineTraceDisabled()],
    stopOnTerminationSignals: false,
  });
  await apollo.start();
  await server.register(fastifyApollo(apollo), {
    path: '/graphql',
    context: async (request) =>
      options.context({
        viewer: await viewerOf(verifier, request.headers.authorization),
        requestId: request.id,
      }),
  });
  serveSubscriptions({ ...options, server, schema });
  // Closing the server waits for the requests under way; Apollo's own drain plugin would wait for that from within.
  server.addHook('onClose', () => apollo.stop());
  return server;
}

function buildSchema<Context extends RequestContext>(options: SubgraphOptions<Context>): GraphQLSchema {
  const typeDefs = parse(readFileSync(options.schemaFile, 'utf8'));
  const declared = new Set(
    typeDefs.definitions.flatMap((node) =>
      node.kind === Kind.SCALAR_TYPE_DEFINITION ? [node.name.value] : [],
    ),
  );
  const used = Object.fromEntries(Object.entries(scalars).filter(([name]) => declared.has(name)));
  const resolvers = { ...used, ...options.resolvers } as never;
  const schema = protect(buildSubgraphSchema({ typeDefs, resolvers }), options.permissions);
  return aroundMutations(schema, options.aroundMutation);
}
