import type { FetchNode } from '@apollo/query-planner';
import type { GatewayExecutionResult, GatewayGraphQLRequestContext } from '@apollo/server-gateway-interface';
import type { Logger } from '@lyceum/service';
import { getOperationAST, GraphQLError, validate, type ExecutionResult, type GraphQLSchema } from 'graphql';
import { createExecutable, type Executable } from '../execution/executable.ts';
import { resultOf } from '../execution/written-result.ts';
import { fetchedName } from '../planner/client-names.ts';
import type { RequestContext } from '../requests/context.ts';
import { createRecentlyUsed, type Sized } from '../recently-used.ts';
import type { Policies } from '../rights/asker.ts';
import { fieldRights } from '../rights/field-rights.ts';
import { createGuard } from '../rights/guard.ts';
import type { Subgraph } from '../subgraphs/subgraph.ts';
import type { Subgraphs } from '../subgraphs/subgraphs.ts';
import { guardedGeneration } from './guarded-generation.ts';
import { loadSupergraph } from './loaded-supergraph.ts';
import { createRequestSharing } from './request-sharing.ts';
import { warmUp, type SeenOperation } from './warm-up.ts';

/** Of plans as JSON, as the stock gateway's own store has it. */
const planCharacters = 30 * 2 ** 20;

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
 * Loads a supergraph to be served.
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
  const executables = createRecentlyUsed<Executable & Sized & SeenOperation>(planCharacters);
  const bySubgraph = new Map<string, Subgraph>();
  const supergraph = await loadSupergraph({
    supergraphSdl,
    logger,
    onSubgraph: (definition) => bySubgraph.set(definition.name, subgraphs.subgraph(definition)),
  });
  const { schema, supergraphSchema, taken } = supergraph;
  const sharing = createRequestSharing(subgraphs.flights);

  function subgraphOf(name: string): Subgraph {
    const subgraph = bySubgraph.get(name);
    if (!subgraph) throw new Error(`The supergraph names no subgraph "${name}"`);
    return subgraph;
  }

  function compile(seen: SeenOperation): Executable & Sized & SeenOperation {
    const { document, operationName, queryHash } = seen;
    const operation = getOperationAST(document, operationName);
    if (!operation) throw new GraphQLError('The document does not hold this operation.');
    const renamed = supergraph.renamed(document);
    const plan = supergraph.plan(document, operationName ?? undefined);
    const executable = createExecutable({
      plan,
      document,
      operation,
      schema,
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
      supergraph.renamed(context.document)?.restore(result, context.operationName) ?? result,
    async planSubscription(context) {
      const { primary } = executableOf(context);
      if (!primary) throw new Error('The query planner made no plan for this subscription');
      return primary;
    },
    seen: (most) => [...executables.values()].slice(-most).reverse(),
    warm: (seen) =>
      warmUp([...seen].reverse(), (operation) => {
        try {
          if (validate(schema, operation.document).length === 0) executableOf(operation);
        } catch (error) {
          // Whoever sends it is told; here it only means that there is nothing to prepare.
          logger.debug({ err: error, operation: operation.operationName }, 'an operation has no plan now');
        }
      }),
  };
  const { rights, whole } = supergraph;
  if (rights.directives.length === 0) return generation;
  if (!policies) throw unenforced(rights.directives);
  return guardedGeneration(generation, createGuard(schema, fieldRights(whole, rights)), policies);
}

function unenforced(directives: readonly string[]): Error {
  const how = 'and no tokens are verified here (pass --jwks URL): it is not served without.';
  return new Error(`It asks for rights by ${directives.join(', ')}, ${how}`);
}
