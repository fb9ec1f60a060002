import { ApolloGateway } from '@apollo/gateway';
import type { FetchNode } from '@apollo/query-planner';
import type { GatewayExecutionResult, GatewayGraphQLRequestContext } from '@apollo/server-gateway-interface';
import type { Logger } from '@lyceum/service';
import type { GraphQLSchema } from 'graphql';
import type { RequestContext } from '../requests/context.ts';
import type { Subgraphs } from '../subgraphs/subgraphs.ts';
import { createPlanCache } from './plan-cache.ts';

/** An operation at the executor: the document, its variables, who asks. */
export type ExecutionContext = GatewayGraphQLRequestContext<RequestContext>;

/** One loaded supergraph: what was validated against its schema is planned and executed by it, also after a swap. */
export interface Generation {
  readonly supergraphSdl: string;
  readonly schema: GraphQLSchema;
  execute(context: ExecutionContext): Promise<GatewayExecutionResult>;
  /** The fetch that opens the subscription at its subgraph; `execute` then resolves each event. */
  planSubscription(context: ExecutionContext): Promise<FetchNode>;
}

/**
 * Loads a supergraph.
 *
 * @throws Error when it is not a supergraph, or one that the query planner cannot use.
 */
export async function loadGeneration(options: {
  supergraphSdl: string;
  subgraphs: Subgraphs;
  logger: Logger;
}): Promise<Generation> {
  const { supergraphSdl, subgraphs, logger } = options;
  const plans = createPlanCache();
  let schema: GraphQLSchema | undefined;
  disableTelemetry();
  const gateway = new ApolloGateway({
    supergraphSdl,
    logger: quiet(logger),
    buildService: (definition) => subgraphs.dataSource(definition),
    queryPlannerConfig: { cache: plans },
    __exposeQueryPlanExperimental: false,
  });
  gateway.onSchemaLoadOrUpdate(({ apiSchema }) => {
    schema = apiSchema;
  });
  const { executor } = await gateway.load();
  if (!schema) throw new Error('The supergraph has no schema');

  return {
    supergraphSdl,
    schema,
    execute: executor,
    async planSubscription(context) {
      const known = plans.primaryOf(context.queryHash);
      if (known) return known;
      // Planning is a by-product of executing; with no event in the context nothing else comes of it.
      await executor(context);
      const primary = plans.primaryOf(context.queryHash);
      if (!primary) throw new Error('The query planner made no plan for this subscription');
      return primary;
    },
  };
}

/** The gateway reads this variable when it is constructed, and reports usage to its vendor unless it is set. */
function disableTelemetry(): void {
  process.env['APOLLO_TELEMETRY_DISABLED'] = '1';
}

/** What the gateway says at level info, on several lines, is said once by `createGenerations`. */
function quiet(logger: Logger) {
  return {
    debug: (message?: unknown) => {
      logger.trace(message);
    },
    info: (message?: unknown) => {
      logger.debug(message);
    },
    warn: (message?: unknown) => {
      logger.warn(message);
    },
    error: (message?: unknown) => {
      logger.error(message);
    },
  };
}
