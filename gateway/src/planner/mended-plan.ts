import type { FetchDataRewrite, FetchNode, PlanNode, QueryPlan } from '@apollo/query-planner';
import { withRewrites, type Renaming } from './fetch-rewrites.ts';
import { withRequiredArguments } from './required-arguments.ts';
import type { Requirements } from './required-fields.ts';

/** What a plan is mended with. */
export interface Mending {
  readonly requirements: Requirements;
  /** The names of the object types that a type of the supergraph stands for. */
  readonly typesOf: (name: string) => ReadonlySet<string>;
}

/** The plan as it is executed: see required-arguments.ts and fetch-rewrites.ts. */
export function mendedPlan(plan: QueryPlan, mending: Mending): QueryPlan {
  const { node } = plan;
  if (!node) return plan;
  if (node.kind !== 'Subscription') return { ...plan, node: mendedNode(node, mending) };
  // The primary fetch of a subscription is no query of the executor's: its data are the event.
  const { primary, rest } = node;
  const { fetch, outputs } = withoutRenamers(primary, mending);
  const mended = withRewrites(fetch, { inputs: [], outputs });
  return {
    ...plan,
    node: { ...node, primary: mended, ...(rest ? { rest: mendedNode(rest, mending) } : {}) },
  };
}

function mendedNode(node: PlanNode, mending: Mending): PlanNode {
  const mend = (inner: PlanNode) => mendedNode(inner, mending);
  switch (node.kind) {
    case 'Fetch': {
      const { fetch, outputs } = withoutRenamers(node, mending);
      return withRequiredArguments(fetch, mending.requirements, outputs);
    }
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

/** What the planner has the executor rename in an answer, taken from the executor. */
function withoutRenamers(fetch: FetchNode, { typesOf }: Mending) {
  const { outputRewrites = [], ...others } = fetch;
  const outputs = outputRewrites.flatMap((rewrite) => renamingOf(rewrite, typesOf));
  const kept = outputRewrites.filter(({ kind }) => kind !== 'KeyRenamer');
  return { outputs, fetch: kept.length === 0 ? others : { ...others, outputRewrites: kept } };
}

const typeCondition = '... on ';

function renamingOf(rewrite: FetchDataRewrite, typesOf: Mending['typesOf']): Renaming[] {
  const key = rewrite.path.at(-1);
  if (rewrite.kind !== 'KeyRenamer' || key === undefined) return [];
  const within = rewrite.path
    .slice(0, -1)
    .map((step) => (step.startsWith(typeCondition) ? typesOf(step.slice(typeCondition.length)) : step));
  return [{ within, key, to: rewrite.renameKeyTo }];
}
