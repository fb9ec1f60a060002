import type { GraphQLSchema, OperationDefinitionNode } from 'graphql';
import { namedType } from '../sdl/named-type.ts';
import { assertWithinLimits, type Limits } from './limits.ts';
import type { Measure, MeasuredOperation } from './measure.ts';

/** Of these no variable can say how long a list is to be, or hold one that does. */
const sizeless = new Set(['ID', 'String', 'Boolean']);

/**
 * As `assertWithinLimits` does, but where an operation's variables can change nothing of its measure, it is measured once;
 * what is found of it is kept as long as its document and the schema are.
 */
export function rememberedLimits(limits: Limits): (measured: MeasuredOperation) => Measure {
  const known = new WeakMap<GraphQLSchema, WeakMap<OperationDefinitionNode, Measure>>();
  return (measured) => {
    const { schema, operation } = measured;
    const own = known.get(schema) ?? new WeakMap<OperationDefinitionNode, Measure>();
    known.set(schema, own);
    const measure = own.get(operation) ?? assertWithinLimits(measured, limits);
    if (isOfOneMeasure(operation)) own.set(operation, measure);
    return measure;
  };
}

function isOfOneMeasure({ variableDefinitions = [] }: OperationDefinitionNode): boolean {
  return variableDefinitions.every(({ type }) => sizeless.has(namedType(type)));
}
