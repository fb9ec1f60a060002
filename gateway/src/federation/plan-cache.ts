import type { FetchNode, QueryPlan, QueryPlanCache } from '@apollo/query-planner';

/** The query plans of one supergraph; of a subscription's plan it also knows the fetch that is its source of events. */
export interface PlanCache extends QueryPlanCache {
  /** The fetch with which the subscription planned under `key` is opened at its subgraph. */
  primaryOf(key: string): FetchNode | undefined;
}

/**
 * A cache of the `maxPlans` most recently used plans.
 *
 * The gateway's executor plans a subscription but refuses to run it. It stores each plan here before it runs it, so
 * this is where a subscription's plan becomes one that can be run for every event: the primary fetch, which the
 * data source answers with the event itself, then the rest. See docs/decisions/0005.
 */
export function createPlanCache(maxPlans = 2_000): PlanCache {
  const plans = new Map<string, QueryPlan>();
  const primaries = new WeakMap<QueryPlan, FetchNode>();

  return {
    async get(key) {
      const plan = plans.get(key);
      if (plan) moveToEnd(plans, key, plan);
      return plan;
    },
    async set(key, plan) {
      const primary = makeExecutable(plan);
      if (primary) primaries.set(plan, primary);
      moveToEnd(plans, key, plan);
      if (plans.size > maxPlans) plans.delete(plans.keys().next().value ?? key);
    },
    async delete(key) {
      return plans.delete(key);
    },
    clear() {
      plans.clear();
    },
    primaryOf(key) {
      const plan = plans.get(key);
      return plan && primaries.get(plan);
    },
  };
}

function moveToEnd(plans: Map<string, QueryPlan>, key: string, plan: QueryPlan): void {
  plans.delete(key);
  plans.set(key, plan);
}

/** Changed in place, since the executor goes on with the very object that it stored. */
function makeExecutable(plan: QueryPlan): FetchNode | undefined {
  if (plan.node?.kind !== 'Subscription') return undefined;
  const { primary, rest } = plan.node;
  plan.node = { kind: 'Sequence', nodes: rest ? [primary, rest] : [primary] };
  return primary;
}
