import {
  getNamedType,
  isCompositeType,
  isInterfaceType,
  isObjectType,
  Kind,
  type DocumentNode,
  type GraphQLCompositeType,
  type GraphQLNamedType,
  type GraphQLSchema,
  type OperationDefinitionNode,
  type SelectionSetNode,
} from 'graphql';
import { fragmentsOf } from '../limits/fragments.ts';
import { createWeights, type SelectedField, type Weights } from './weights.ts';

/** What may stand in an answer under one response name: of fragments on several types, several fields. */
interface Part {
  readonly fields: readonly SelectedField[];
  readonly types: readonly GraphQLNamedType[];
  readonly inner: Parts;
}

type Parts = ReadonlyMap<string, Part>;

/** An answered operation. */
export interface Answered {
  readonly schema: GraphQLSchema;
  readonly document: DocumentNode;
  readonly operation: OperationDefinitionNode;
  readonly variables: Readonly<Record<string, unknown>>;
  readonly data: unknown;
}

export type ActualCost = (answered: Answered) => number;

/**
 * What an answer costs, by the same weights as the estimate of its operation: each field that is in it once, each value
 * that is there and not null. Counted in the answer alone: what a subgraph had to do for it, it does not say
 * (https://ibm.github.io/graphql-specs/cost-spec.html#sec-Query-Response-Analysis). Never more than the estimate, as far as
 * lists are no longer than it was said.
 */
export function createActualCost(): ActualCost {
  const known = new WeakMap<OperationDefinitionNode, { schema: GraphQLSchema; parts: Parts }>();

  function partsOf({ schema, document, operation }: Answered): Parts {
    const done = known.get(operation);
    if (done?.schema === schema) return done.parts;
    const parts = partsIn(schema, document, operation);
    known.set(operation, { schema, parts });
    return parts;
  }

  return (answered) => {
    const { schema, variables, data } = answered;
    if (typeof data !== 'object' || data === null) return 0;
    return costOfFields(data, pricesOf(partsOf(answered), createWeights(schema, variables)));
  };
}

/** What a part of this request's answer costs, where it costs anything. */
interface Price {
  readonly name: string;
  /** For being asked for. */
  readonly once: number;
  /** For each value. */
  readonly each: number;
  readonly inner: readonly Price[];
}

/** Nearly all leaves are free: they are not even looked at. */
function pricesOf(parts: Parts, weights: Weights): Price[] {
  return [...parts].flatMap(([name, { fields, types, inner }]) => {
    const once = Math.max(...fields.map((field) => weights.ofField(field)));
    const each = Math.max(...types.map((type) => weights.ofType(type)));
    const beneath = pricesOf(inner, weights);
    return once === 0 && each === 0 && beneath.length === 0 ? [] : [{ name, once, each, inner: beneath }];
  });
}

function costOfFields(value: object, prices: readonly Price[]): number {
  let cost = 0;
  for (const price of prices) {
    const inner = (value as Record<string, unknown>)[price.name];
    if (inner !== undefined) cost += price.once + costOfValue(inner, price);
  }
  return cost;
}

function costOfValue(value: unknown, price: Price): number {
  if (value === null) return 0;
  if (Array.isArray(value)) {
    let cost = 0;
    for (const each of value) cost += costOfValue(each, price);
    return cost;
  }
  const beneath = price.inner.length > 0 && typeof value === 'object' ? costOfFields(value, price.inner) : 0;
  return Math.max(0, price.each + beneath);
}

interface SelectedSet {
  readonly set: SelectionSetNode;
  readonly parent: GraphQLCompositeType;
}

function partsIn(schema: GraphQLSchema, document: DocumentNode, operation: OperationDefinitionNode): Parts {
  const fragments = fragmentsOf(document);

  function fieldsOf({ set, parent }: SelectedSet): SelectedField[] {
    return set.selections.flatMap((selection): SelectedField[] => {
      if (selection.kind === Kind.FIELD) {
        const isTyped = isObjectType(parent) || isInterfaceType(parent);
        const field = isTyped ? parent.getFields()[selection.name.value] : undefined;
        return field ? [{ node: selection, parent, field }] : [];
      }
      const inner = selection.kind === Kind.FRAGMENT_SPREAD ? fragments.get(selection.name.value) : selection;
      const type = inner?.typeCondition && schema.getType(inner.typeCondition.name.value);
      return inner
        ? fieldsOf({ set: inner.selectionSet, parent: isCompositeType(type) ? type : parent })
        : [];
    });
  }

  function partsOf(sets: readonly SelectedSet[]): Parts {
    const byName = new Map<string, SelectedField[]>();
    for (const each of sets.flatMap(fieldsOf)) {
      const name = (each.node.alias ?? each.node.name).value;
      byName.set(name, [...(byName.get(name) ?? []), each]);
    }
    return new Map([...byName].map(([name, fields]) => [name, partOf(fields)]));
  }

  function partOf(fields: readonly SelectedField[]): Part {
    const types = [...new Set(fields.map(({ field }) => getNamedType(field.type)))];
    const inner = fields.flatMap(({ node, field }): SelectedSet[] => {
      const type = getNamedType(field.type);
      return node.selectionSet && isCompositeType(type) ? [{ set: node.selectionSet, parent: type }] : [];
    });
    return { fields, types, inner: partsOf(inner) };
  }

  const root = schema.getRootType(operation.operation);
  return root ? partsOf([{ set: operation.selectionSet, parent: root }]) : new Map();
}
