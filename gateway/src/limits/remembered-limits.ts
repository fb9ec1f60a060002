import { Kind, type GraphQLSchema, type OperationDefinitionNode, type TypeNode } from 'graphql';
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

function namedType(type: TypeNode): string {
  return type.kind === Kind.NAMED_TYPE ? type.name.value : namedType(type.type);
}
