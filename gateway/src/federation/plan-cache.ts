import type { FetchNode, QueryPlan, QueryPlanCache } from '@apollo/query-planner';

/** The query plans of one supergraph; of a subscription's plan it also knows the fetch that is its source of events. */
export interface PlanCache extends QueryPlanCache {
  /** The fetch with which the subscription planned under `key` is opened at its subgraph. */
  primaryOf(key: string): FetchNode | undefined;
}

const mebibyte = 2 ** 20;

interface Entry {
  readonly plan: QueryPlan;
  /** Of the fetch that a subscription's plan begins with. */
  readonly primary: FetchNode | undefined;
  readonly size: number;
}

/**
 * A cache of the most recently used plans, of `maxSize` characters of JSON in sum (30 Mi, as the gateway's own store
 * has it): plans differ by a factor of a thousand, so that a number of them would bound nothing.
 *
 * The gateway's executor plans a subscription but refuses to run it. It stores each plan here before it runs it, so
 * this is where a subscription's plan becomes one that can be run for every event: the primary fetch, which the
 * data source answers with the event itself, then the rest. See docs/decisions/0005.
 */
export function createPlanCache(maxSize = 30 * mebibyte): PlanCache {
  const entries = new Map<string, Entry>();
  const planning = new Map<string, Promise<void>>();
  let size = 0;

  function remove(key: string): boolean {
    size -= entries.get(key)?.size ?? 0;
    return entries.delete(key);
  }

  function add(key: string, entry: Entry): void {
    remove(key);
    entries.set(key, entry);
    size += entry.size;
  }

  /** All but the newest may go: that one is about to be run. */
  function shrink(): void {
    for (const key of entries.keys()) {
      if (size <= maxSize || entries.size === 1) return;
      remove(key);
    }
  }

  /** The executor plans in the same turn in which it hears of a miss: after it, the plan is here or there is none. */
  function expectPlan(key: string): void {
    const turn = new Promise<void>((resolve) => setImmediate(resolve));
    planning.set(
      key,
      turn.then(() => {
        planning.delete(key);
      }),
    );
  }

  return {
    async get(key) {
      // Of those who miss the same plan at the same time one makes it, and the others wait for it.
      while (!entries.has(key) && planning.has(key)) await planning.get(key);
      const entry = entries.get(key);
      if (entry) add(key, entry);
      else expectPlan(key);
      return entry?.plan;
    },
    async set(key, plan) {
      const primary = makeExecutable(plan);
      add(key, { plan, primary, size: JSON.stringify(plan).length });
      shrink();
    },
    async delete(key) {
      return remove(key);
    },
    clear() {
      entries.clear();
      size = 0;
    },
    primaryOf: (key) => entries.get(key)?.primary,
  };
}

/** Changed in place, since the executor goes on with the very object that it stored. */
function makeExecutable(plan: QueryPlan): FetchNode | undefined {
  if (plan.node?.kind !== 'Subscription') return undefined;
  const { primary, rest } = plan.node;
  plan.node = { kind: 'Sequence', nodes: rest ? [primary, rest] : [primary] };
  return primary;
}
