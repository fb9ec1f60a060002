import type { ConditionNode, FetchNode, PlanNode } from '@apollo/query-planner';
import { GraphQLError, type GraphQLSchema } from 'graphql';
import type { Subgraph } from '../subgraphs/subgraph.ts';
import { booleanOf } from './conditions.ts';
import { entityFetch } from './entity-fetch.ts';
import type { Merge } from './merge.ts';
import type { FetchPath } from './places.ts';
import { rootFetch } from './root-fetch.ts';
import type { Step } from './run.ts';

/** What every fetch of a plan is made with. */
export interface Fetching {
  /** The supergraph's, with what is inaccessible to clients. */
  readonly schema: GraphQLSchema;
  readonly merge: Merge;
  readonly subgraphOf: (name: string) => Subgraph;
  /** The same for fetches of entities that may be asked for once for all of them; undefined for one that stands alone. */
  readonly sharedBy: (fetch: FetchNode) => string | undefined;
}

/** A part of a plan as functions that do what it says. */
export function stepOf(node: PlanNode, fetching: Fetching, path: FetchPath = []): Step {
  switch (node.kind) {
    case 'Fetch':
      return guarded(node.requires ? entityFetch(node, path, fetching) : rootFetch(node, path, fetching));
    case 'Flatten':
      return stepOf(node.node, fetching, [...path, ...node.path.map(String)]);
    case 'Sequence':
      return inTurn(node.nodes.map((each) => stepOf(each, fetching, path)));
    case 'Parallel':
      return sideBySide(node.nodes.map((each) => stepOf(each, fetching, path)));
    case 'Condition':
      return either(node, fetching, path);
    case 'Defer':
      throw new Error('@defer is not planned: the gateway has it switched off');
  }
}

/** What goes wrong in one fetch takes nothing from the others. */
function guarded(step: Step): Step {
  return async (run) => {
    try {
      await step(run);
    } catch (error) {
      run.errors.push(asGraphQLError(error));
    }
  };
}

function asGraphQLError(error: unknown): GraphQLError {
  if (error instanceof GraphQLError) return error;
  const originalError = error instanceof Error ? error : new Error(String(error));
  return new GraphQLError(originalError.message, { originalError });
}

function inTurn(steps: readonly Step[]): Step {
  return async (run) => {
    for (const step of steps) await step(run);
  };
}

function sideBySide(steps: readonly Step[]): Step {
  return async (run) => {
    await Promise.all(steps.map((step) => step(run)));
  };
}

function either(
  { condition, ifClause, elseClause }: ConditionNode,
  fetching: Fetching,
  path: FetchPath,
): Step {
  const yes = ifClause && stepOf(ifClause, fetching, path);
  const no = elseClause && stepOf(elseClause, fetching, path);
  return async (run) => {
    await (booleanOf(condition, run.coerced) ? yes : no)?.(run);
  };
}
