import { ApolloGateway } from '@apollo/gateway';
import type { FetchNode } from '@apollo/query-planner';
import type { GatewayExecutionResult, GatewayGraphQLRequestContext } from '@apollo/server-gateway-interface';
import type { Logger } from '@lyceum/service';
import {
  GraphQLError,
  parse,
  print,
  type DocumentNode,
  type ExecutionResult,
  type GraphQLSchema,
} from 'graphql';
import { rememberCosts } from '../cost/schema-costs.ts';
import { withoutTakenNames, type RenamedDocument } from '../planner/client-names.ts';
import { federatedNames } from '../planner/federated-names.ts';
import { mendPlanner } from '../planner/mended-planner.ts';
import { withResolvableKeysFirst } from '../planner/resolvable-keys.ts';
import type { RequestContext } from '../requests/context.ts';
import type { Subgraphs } from '../subgraphs/subgraphs.ts';
import type { Policies } from '../rights/asker.ts';
import { fieldRights } from '../rights/field-rights.ts';
import { createGuard } from '../rights/guard.ts';
import { rightsInSdl } from '../rights/rights-in-sdl.ts';
import { guardedGeneration } from './guarded-generation.ts';
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
  /** What the supergraph keeps from whoever asks, of this operation: an error for each field. */
  refusals(context: Pick<ExecutionContext, 'document' | 'operation' | 'context'>): readonly GraphQLError[];
  /** What the subgraph of a subscription answered without data, with the response names of the client. */
  restore<R extends ExecutionResult>(context: ExecutionContext, result: R): R;
}

/**
 * Loads a supergraph.
 *
 * @throws Error when it is not a supergraph, or one that the query planner cannot use.
 */
export async function loadGeneration(options: {
  supergraphSdl: string;
  subgraphs: Subgraphs;
  /** Undefined where nobody is authenticated: then a supergraph that asks for rights is not served. */
  policies: Policies | undefined;
  logger: Logger;
}): Promise<Generation> {
  const { supergraphSdl, subgraphs, policies, logger } = options;
  const plans = createPlanCache();
  const whole = parse(supergraphSdl, { noLocation: true });
  const rights = rightsInSdl(whole);
  const sdl = rights.stripped;
  const renamedOf = createRenaming(federatedNames(sdl));
  let schema: GraphQLSchema | undefined;
  disableTelemetry();
  const gateway = new ApolloGateway({
    supergraphSdl: print(withResolvableKeysFirst(sdl)),
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
  mendPlanner(gateway);
  rememberCosts(schema, whole);

  async function execute(context: ExecutionContext): Promise<GatewayExecutionResult> {
    const renamed = renamedOf(context.document);
    if (!renamed) return executed(context);
    const { document } = renamed;
    return renamed.restore(await executed({ ...context, document }), context.operationName);
  }

  /** What can't be planned is an error of the operation, not of the gateway. */
  async function executed(context: ExecutionContext): Promise<GatewayExecutionResult> {
    try {
      return await executor(context);
    } catch (error) {
      if (error instanceof GraphQLError) return { errors: [error] };
      throw error;
    }
  }

  const generation: Generation = {
    supergraphSdl,
    schema,
    execute,
    refusals: () => [],
    restore: (context, result) =>
      renamedOf(context.document)?.restore(result, context.operationName) ?? result,
    async planSubscription(context) {
      const known = plans.primaryOf(context.queryHash);
      if (known) return known;
      // Planning is a by-product of executing; with no event in the context nothing else comes of it.
      const { errors } = await execute(context);
      const primary = plans.primaryOf(context.queryHash);
      if (!primary) throw errors?.[0] ?? new Error('The query planner made no plan for this subscription');
      return primary;
    },
  };
  if (rights.directives.length === 0) return generation;
  if (!policies) throw unenforced(rights.directives);
  return guardedGeneration(generation, createGuard(schema, fieldRights(whole, rights)), policies);
}

function unenforced(directives: readonly string[]): Error {
  const how = 'and no tokens are verified here (pass --jwks URL): it is not served without.';
  return new Error(`It asks for rights by ${directives.join(', ')}, ${how}`);
}

/** Looked for once in each document, which Apollo Server keeps as long as it keeps its text. */
function createRenaming(taken: ReadonlySet<string>) {
  const known = new WeakMap<DocumentNode, RenamedDocument | { readonly none: true }>();
  return (document: DocumentNode): RenamedDocument | undefined => {
    const renamed = known.get(document) ?? withoutTakenNames(document, taken) ?? { none: true };
    known.set(document, renamed);
    return 'none' in renamed ? undefined : renamed;
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
