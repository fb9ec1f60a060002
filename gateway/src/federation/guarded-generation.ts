import { createHash } from 'node:crypto';
import { OperationTypeNode } from 'graphql';
import { askerOf, type Policies } from '../rights/asker.ts';
import type { Guard, Refusal } from '../rights/guard.ts';
import type { ExecutionContext, Generation } from './generation.ts';

/**
 * A generation that lets nobody have what the supergraph keeps from them, whatever way the operation came. Of a query or
 * mutation the rest is executed; a subscription is refused as a whole (docs/decisions/0044).
 */
export function guardedGeneration(generation: Generation, guard: Guard, policies: Policies): Generation {
  const refusalOf = ({
    document,
    operation,
    context,
  }: Pick<ExecutionContext, 'document' | 'operation' | 'context'>) =>
    guard.refusal(document, operation, askerOf(context.viewer, policies));

  return {
    ...generation,
    async execute(context) {
      const refusal = refusalOf(context);
      if (!refusal) return generation.execute(context);
      if (context.operation.operation === OperationTypeNode.SUBSCRIPTION)
        return { errors: [...refusal.errors] };
      return refusal.complete(await generation.execute(allowedContext(context, refusal)));
    },
    async planSubscription(context) {
      const [error] = refusalOf(context)?.errors ?? [];
      if (error) throw error;
      return generation.planSubscription(context);
    },
    refusals: (context) => refusalOf(context)?.errors ?? [],
  };
}

/** What is left has a plan of its own. */
function allowedContext(context: ExecutionContext, { allowed, id }: Refusal): ExecutionContext {
  const queryHash = createHash('sha256').update(context.queryHash).update(id).digest('hex');
  return { ...context, ...allowed, queryHash };
}
