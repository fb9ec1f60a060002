import { ApolloGateway, type GraphQLDataSource } from '@apollo/gateway';
import type { FetchNode } from '@apollo/query-planner';
import type { GatewayExecutionResult, GatewayGraphQLRequestContext } from '@apollo/server-gateway-interface';
import type { Logger } from '@lyceum/service';
import {
  getOperationAST,
  GraphQLError,
  parse,
  print,
  validate,
  type DocumentNode,
  type ExecutionResult,
  type GraphQLSchema,
} from 'graphql';
import { rememberCosts } from '../cost/schema-costs.ts';
import { createExecutable, type Executable } from '../execution/executable.ts';
import { resultOf } from '../execution/written-result.ts';
import { fetchedName, withoutTakenNames, type RenamedDocument } from '../planner/client-names.ts';
import { federatedNames } from '../planner/federated-names.ts';
import { mendedPlanner } from '../planner/mended-planner.ts';
import { withResolvableKeysFirst } from '../planner/resolvable-keys.ts';
import type { RequestContext } from '../requests/context.ts';
import type { Subgraph } from '../subgraphs/subgraph.ts';
import type { Subgraphs } from '../subgraphs/subgraphs.ts';
import type { Policies } from '../rights/asker.ts';
import { fieldRights } from '../rights/field-rights.ts';
import { createGuard } from '../rights/guard.ts';
import { rightsInSdl } from '../rights/rights-in-sdl.ts';
import { guardedGeneration } from './guarded-generation.ts';
import { createPlanCache, type Sized } from './plan-cache.ts';
import { createRequestSharing } from './request-sharing.ts';
import { warmUp, type SeenOperation } from './warm-up.ts';

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
  /** The operations that are planned, at most so many, those that were used last first. */
  seen(most: number): readonly SeenOperation[];
  /** Plans those that are valid here, so that nobody waits for it. */
  warm(seen: readonly SeenOperation[]): Promise<void>;
}

/**
 * Loads a supergraph. Of @apollo/gateway the loading and the planner are used, not the executor.
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
  const executables = createPlanCache<Executable & Sized & SeenOperation>();
  const whole = parse(supergraphSdl, { noLocation: true });
  const rights = rightsInSdl(whole);
  const sdl = rights.stripped;
  const taken = federatedNames(sdl);
  const renamedOf = createRenaming(taken);
  const sharing = createRequestSharing(subgraphs.flights);
  const bySubgraph = new Map<string, Subgraph>();
  let schema: GraphQLSchema | undefined;
  disableTelemetry();
  const gateway = new ApolloGateway({
    supergraphSdl: print(withResolvableKeysFirst(sdl)),
    logger: quiet(logger),
    buildService: (definition) => {
      bySubgraph.set(definition.name, subgraphs.subgraph(definition));
      return neverAsked;
    },
    __exposeQueryPlanExperimental: false,
  });
  gateway.onSchemaLoadOrUpdate(({ apiSchema }) => {
    schema = apiSchema;
  });
  await gateway.load();
  if (!schema) throw new Error('The supergraph has no schema');
  const planner = mendedPlanner(gateway);
  rememberCosts(schema, whole);
  const ofClients = schema;

  function subgraphOf(name: string): Subgraph {
    const subgraph = bySubgraph.get(name);
    if (!subgraph) throw new Error(`The supergraph names no subgraph "${name}"`);
    return subgraph;
  }

  function compile(seen: SeenOperation): Executable & Sized & SeenOperation {
    const { document, operationName, queryHash } = seen;
    const operation = getOperationAST(document, operationName);
    if (!operation) throw new GraphQLError('The document does not hold this operation.');
    const renamed = renamedOf(document);
    const plan = planner.plan(renamed?.document ?? document, operationName ?? undefined);
    const { supergraphSchema } = planner;
    const executable = createExecutable({
      plan,
      document,
      operation,
      schema: ofClients,
      supergraphSchema,
      subgraphOf,
      fetchedName: (field) => fetchedName(field, taken),
      restoreErrors: (errors) => renamed?.restore({ errors }, operationName).errors ?? errors,
    });
    const size = JSON.stringify(plan).length;
    return { ...executable, document, operationName, queryHash, size };
  }

  /** @throws GraphQLError where it can't be planned. */
  function executableOf(context: SeenOperation): Executable {
    const key = `${context.queryHash}\n${context.operationName ?? ''}`;
    const known = executables.get(key);
    if (known) return known;
    const compiled = compile(context);
    executables.set(key, compiled);
    return compiled;
  }

  const generation: Generation = {
    supergraphSdl,
    schema,
    async execute(context) {
      try {
        const executable = executableOf(context);
        return resultOf(await sharing(context, () => executable.execute(context)));
      } catch (error) {
        // What can't be planned is an error of the operation, not of the gateway.
        if (error instanceof GraphQLError) return { errors: [error] };
        throw error;
      }
    },
    refusals: () => [],
    restore: (context, result) =>
      renamedOf(context.document)?.restore(result, context.operationName) ?? result,
    async planSubscription(context) {
      const { primary } = executableOf(context);
      if (!primary) throw new Error('The query planner made no plan for this subscription');
      return primary;
    },
    seen: (most) => [...executables.values()].slice(-most).reverse(),
    warm: (seen) =>
      warmUp([...seen].reverse(), (operation) => {
        try {
          if (validate(ofClients, operation.document).length === 0) executableOf(operation);
        } catch (error) {
          // Whoever sends it is told; here it only means that there is nothing to prepare.
          logger.debug({ err: error, operation: operation.operationName }, 'an operation has no plan now');
        }
      }),
  };
  if (rights.directives.length === 0) return generation;
  if (!policies) throw unenforced(rights.directives);
  return guardedGeneration(generation, createGuard(schema, fieldRights(whole, rights)), policies);
}

function unenforced(directives: readonly string[]): Error {
  const how = 'and no tokens are verified here (pass --jwks URL): it is not served without.';
  return new Error(`It asks for rights by ${directives.join(', ')}, ${how}`);
}

/** The gateway wants data sources, which only its executor would ask. */
const neverAsked: GraphQLDataSource = {
  process() {
    throw new Error('The executor of @apollo/gateway is not used');
  },
};

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
