import type { FetchNode, PlanNode, QueryPlan } from '@apollo/query-planner';
import type { GatewayGraphQLRequestContext } from '@apollo/server-gateway-interface';
import {
  getVariableValues,
  OperationTypeNode,
  type DocumentNode,
  type GraphQLError,
  type GraphQLSchema,
  type OperationDefinitionNode,
} from 'graphql';
import type { RequestContext } from '../requests/context.ts';
import type { Subgraph } from '../subgraphs/subgraph.ts';
import { createAnswer } from './answer.ts';
import type { Run } from './run.ts';
import { mergeFor, sharedBy } from './sharing.ts';
import { stepOf } from './steps.ts';
import type { WrittenResult } from './written-result.ts';

type ExecutionContext = GatewayGraphQLRequestContext<RequestContext>;

/** An operation of a document, planned and compiled: what can be decided once about it is. */
export interface Executable {
  /** The fetch that opens a subscription at its subgraph. */
  readonly primary: FetchNode | undefined;
  execute(context: ExecutionContext): Promise<WrittenResult>;
}

/**
 * Compiles a plan to functions: for each fetch one that collects what it needs, asks, and puts the answer in its place; and one
 * that writes the client's answer. See docs/decisions/0043.
 *
 * @param options.fetchedName the response name under which the plan fetches a field of the document
 * @param options.restoreErrors errors with the response names of the document
 */
export function createExecutable(options: {
  plan: QueryPlan;
  document: DocumentNode;
  operation: OperationDefinitionNode;
  /** What clients see. */
  schema: GraphQLSchema;
  supergraphSchema: GraphQLSchema;
  subgraphOf: (name: string) => Subgraph;
  fetchedName: Parameters<typeof createAnswer>[0]['fetchedName'];
  restoreErrors: (errors: readonly GraphQLError[]) => readonly GraphQLError[];
}): Executable {
  const { plan, operation, schema, supergraphSchema, subgraphOf, restoreErrors } = options;
  const { primary, node } = executableNode(plan);
  const fetching = { schema: supergraphSchema, merge: mergeFor(node), subgraphOf, sharedBy };
  const step = node && stepOf(node, fetching);
  const answer = createAnswer(options);
  const definitions = operation.variableDefinitions ?? [];
  const isRead = operation.operation !== OperationTypeNode.MUTATION;

  return {
    primary,
    async execute({ request, context }) {
      const variables = request.variables ?? {};
      const { coerced, errors: invalid } =
        definitions.length === 0 ? nothingToCoerce : getVariableValues(schema, [...definitions], variables);
      if (invalid) return { errors: invalid };
      const write = answer.writerFor(coerced);
      const run: Run = { context, variables, coerced, isRead, data: {}, errors: [], batches: new Map() };
      await step?.(run);
      const { text, faults } = write(run.data, variables);
      if (run.errors.length > 0) return { errors: restoreErrors(run.errors), text };
      // As Apollo's router and gateway do: a value that is not what the schema says is no error of the operation.
      return faults.length > 0 ? { extensions: { valueCompletion: faults }, text } : { text };
    },
  };
}

const nothingToCoerce = { coerced: {}, errors: undefined };

/** A subscription's primary fetch is answered by an event, the rest follows as in any query. See docs/decisions/0005. */
function executableNode({ node }: QueryPlan): { primary?: FetchNode; node: PlanNode | undefined } {
  if (node?.kind !== 'Subscription') return { node };
  const { primary, rest } = node;
  return { primary, node: { kind: 'Sequence', nodes: rest ? [primary, rest] : [primary] } };
}
