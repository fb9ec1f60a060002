import type { PlanNode, QueryPlan } from '@apollo/query-planner';
import { withRequiredArguments } from './required-arguments.ts';
import type { Requirements } from './required-fields.ts';

/** The plan as it is executed: see required-arguments.ts. The primary fetch of a subscription requires nothing. */
export function mendedPlan(plan: QueryPlan, requirements: Requirements): QueryPlan {
  const { node } = plan;
  if (!node) return plan;
  if (node.kind !== 'Subscription') return { ...plan, node: mendedNode(node, requirements) };
  const { rest } = node;
  return rest ? { ...plan, node: { ...node, rest: mendedNode(rest, requirements) } } : plan;
}

function mendedNode(node: PlanNode, requirements: Requirements): PlanNode {
  const mend = (inner: PlanNode) => mendedNode(inner, requirements);
  switch (node.kind) {
    case 'Fetch':
      return withRequiredArguments(node, requirements);
    case 'Flatten':
      return { ...node, node: mend(node.node) };
    case 'Sequence':
    case 'Parallel':
      return { ...node, nodes: node.nodes.map(mend) };
    case 'Condition': {
      const { ifClause, elseClause } = node;
      return {
        ...node,
        ...(ifClause ? { ifClause: mend(ifClause) } : {}),
        ...(elseClause ? { elseClause: mend(elseClause) } : {}),
      };
    }
    case 'Defer':
      // Not planned: the gateway has @defer switched off.
      return node;
  }
}
