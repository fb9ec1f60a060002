import type { Metrics } from '@lyceum/service';

/** What an operation was estimated to cost, and what its answer came to. */
export interface OperationCost {
  readonly estimated: number;
  readonly actual: number;
}

export type CostObserver = (operationName: string | null | undefined, cost: OperationCost) => void;

/** A client may name its operations as it likes: labels are few. */
const mostNames = 200;

/** Costs by the names of operations; of those beyond the first two hundred names, together. */
export function createCostMetrics(metrics: Metrics): CostObserver {
  const names = new Set<string>();
  const operations = metrics.counter({
    name: 'lyceum_gateway_operations_total',
    help: 'Queries and mutations that were executed, by name.',
    labelNames: ['operation'],
  });
  const costs = metrics.counter({
    name: 'lyceum_gateway_operation_cost_total',
    help: 'Their costs in sum: as estimated before, and as their answers came to.',
    labelNames: ['operation', 'measure'],
  });

  function labelOf(name: string | null | undefined): string {
    if (!name) return 'anonymous';
    if (names.size < mostNames) names.add(name);
    return names.has(name) ? name : 'other';
  }

  return (name, { estimated, actual }) => {
    const operation = labelOf(name);
    operations.inc({ operation });
    costs.inc({ operation, measure: 'estimated' }, estimated);
    costs.inc({ operation, measure: 'actual' }, actual);
  };
}
