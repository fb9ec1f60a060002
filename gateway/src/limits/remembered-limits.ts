import { Kind, type OperationDefinitionNode, type TypeNode } from 'graphql';
import { assertWithinLimits, type Limits } from './limits.ts';
import type { MeasuredOperation } from './measure.ts';

/** Of these no variable can say how long a list is to be, or hold one that does. */
const sizeless = new Set(['ID', 'String', 'Boolean']);

/**
 * As `assertWithinLimits` does, but where an operation's variables can change nothing of its measure, it is measured once;
 * what is found of it is kept as long as its document is.
 *
 * @returns what throws GraphQLError as `assertWithinLimits` does
 */
export function rememberedLimits(limits: Limits): (measured: MeasuredOperation) => void {
  const within = new WeakSet<OperationDefinitionNode>();
  return (measured) => {
    const { operation } = measured;
    if (within.has(operation)) return;
    assertWithinLimits(measured, limits);
    if (isOfOneMeasure(operation)) within.add(operation);
  };
}

function isOfOneMeasure({ variableDefinitions = [] }: OperationDefinitionNode): boolean {
  return variableDefinitions.every(({ type }) => sizeless.has(namedType(type)));
}

function namedType(type: TypeNode): string {
  return type.kind === Kind.NAMED_TYPE ? type.name.value : namedType(type.type);
}
