import {
  operationFromDocument,
  type Operation,
  type Schema,
  type Supergraph,
} from '@apollo/federation-internals';
import type { ApolloGateway } from '@apollo/gateway';
import type { QueryPlan } from '@apollo/query-planner';
import type { DocumentNode, GraphQLSchema } from 'graphql';
import { mendedPlan } from './mended-plan.ts';
import { aliasRequiredFields, type QueryGraph } from './required-fields.ts';
import { createFetchability } from './unfetchable-fields.ts';

/** What is used of the gateway's planner (`QueryPlanner` of @apollo/query-planner), of which some is private. */
interface Planner {
  readonly supergraph: Supergraph;
  readonly federatedQueryGraph: QueryGraph;
  buildQueryPlan(operation: Operation, options?: object): QueryPlan;
}

/** What a gateway that has loaded keeps to itself. */
interface Internals {
  readonly queryPlanner?: Planner;
  readonly apiSchema?: Schema;
  readonly supergraphSchema?: GraphQLSchema;
}

/** The planner of a supergraph. */
export interface MendedPlanner {
  /** With the types and fields that are inaccessible to clients. */
  readonly supergraphSchema: GraphQLSchema;
  /** @throws GraphQLError where the operation can't be planned. */
  plan(document: DocumentNode, operationName: string | undefined): QueryPlan;
}

/**
 * The planner of a gateway that has loaded, mended where it plans what gives wrong data. See docs/decisions/0039.
 *
 * @throws Error where the gateway keeps its planner elsewhere than version 2.14 does.
 */
export function mendedPlanner(gateway: ApolloGateway): MendedPlanner {
  const { queryPlanner: planner, apiSchema, supergraphSchema } = gateway as unknown as Internals;
  if (
    !planner ||
    typeof planner.federatedQueryGraph.allEdges !== 'function' ||
    !apiSchema ||
    !supergraphSchema
  )
    throw new Error(
      'This version of @apollo/gateway keeps its query planner elsewhere; see docs/decisions/0039',
    );
  const requirements = aliasRequiredFields(planner.federatedQueryGraph);
  const assertFetchable = createFetchability(planner.supergraph.schema);
  return {
    supergraphSchema,
    plan(document, operationName) {
      const operation = operationFromDocument(apiSchema, document, {
        ...(operationName === undefined ? {} : { operationName }),
      });
      const plan = planner.buildQueryPlan(operation);
      assertFetchable(operation, plan);
      return mendedPlan(plan, requirements);
    },
  };
}
