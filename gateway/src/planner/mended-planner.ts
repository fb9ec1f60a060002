import {
  isCompositeType,
  possibleRuntimeTypes,
  type Operation,
  type Supergraph,
} from '@apollo/federation-internals';
import type { ApolloGateway } from '@apollo/gateway';
import type { QueryPlan } from '@apollo/query-planner';
import { mendedPlan, type Mending } from './mended-plan.ts';
import { aliasRequiredFields, type QueryGraph } from './required-fields.ts';
import { createFetchability } from './unfetchable-fields.ts';

/** What is used of the gateway's planner (`QueryPlanner` of @apollo/query-planner), of which some is private. */
interface Planner {
  readonly supergraph: Supergraph;
  readonly federatedQueryGraph: QueryGraph;
  buildQueryPlan(operation: Operation, options?: object): QueryPlan;
}

/**
 * Mends the planner of a gateway that has loaded, where it plans what gives wrong data. See docs/decisions/0039.
 *
 * @throws Error where the gateway keeps its planner elsewhere than version 2.14 does.
 */
export function mendPlanner(gateway: ApolloGateway): void {
  const { queryPlanner: planner } = gateway as unknown as { queryPlanner?: Planner };
  if (!planner || typeof planner.federatedQueryGraph.allEdges !== 'function')
    throw new Error(
      'This version of @apollo/gateway keeps its query planner elsewhere; see docs/decisions/0039',
    );
  const { schema } = planner.supergraph;
  const mending: Mending = {
    requirements: aliasRequiredFields(planner.federatedQueryGraph),
    typesOf(name) {
      const type = schema.type(name);
      return new Set(
        type && isCompositeType(type) ? possibleRuntimeTypes(type).map((each) => each.name) : [],
      );
    },
  };
  const assertFetchable = createFetchability(schema);
  const stock = Object.getPrototypeOf(planner) as Planner;
  planner.buildQueryPlan = (operation, options) => {
    const plan = stock.buildQueryPlan.call(planner, operation, options);
    assertFetchable(operation, plan);
    return mendedPlan(plan, mending);
  };
}
