import type { FetchNode, QueryPlan } from '@apollo/query-planner';
import { describe, expect, test } from '@jest/globals';
import { OperationTypeNode } from 'graphql';
import { createPlanCache } from '../src/federation/plan-cache.ts';

/** A plan whose JSON is about as long as its operation. */
function planOf(length: number): QueryPlan {
  const fetch: FetchNode = {
    kind: 'Fetch',
    serviceName: 'people',
    operation: 'x'.repeat(length),
    operationName: undefined,
    operationKind: OperationTypeNode.QUERY,
  };
  return { kind: 'QueryPlan', node: fetch };
}

describe('the cache of plans', () => {
  test('is bounded by the size of what it holds: those that were used longest ago go first', async () => {
    const plans = createPlanCache(10_000);
    await plans.set('a', planOf(4_000));
    await plans.set('b', planOf(4_000));
    await plans.get('a');
    await plans.set('c', planOf(4_000));
    expect(await plans.get('b')).toBeUndefined();
    expect(await plans.get('a')).toBeDefined();
    expect(await plans.get('c')).toBeDefined();
  });

  test('holds many small plans', async () => {
    const plans = createPlanCache(1_000_000);
    for (let index = 0; index < 3_000; index += 1) await plans.set(`${index}`, planOf(100));
    expect(await plans.get('0')).toBeDefined();
  });

  test('counts a plan once that is stored again, and no longer what was removed', async () => {
    const plans = createPlanCache(10_000);
    for (let time = 0; time < 5; time += 1) await plans.set('a', planOf(4_000));
    await plans.set('b', planOf(4_000));
    await plans.delete('b');
    await plans.set('c', planOf(4_000));
    expect(await plans.get('a')).toBeDefined();
  });

  test('holds the newest plan however large it is', async () => {
    const plans = createPlanCache(10);
    await plans.set('a', planOf(1_000));
    expect(await plans.get('a')).toBeDefined();
  });
});
