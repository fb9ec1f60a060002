import {
  isAbstractType,
  isCompositeType,
  isInterfaceType,
  type FieldNode,
  type GraphQLCompositeType,
  type GraphQLField,
  type GraphQLNamedType,
  type GraphQLSchema,
} from 'graphql';
import { argumentsCost } from './input-cost.ts';
import { listSizeOf } from './list-size.ts';
import { costsOf } from './schema-costs.ts';

/** A field where an operation selects it. */
export interface SelectedField {
  readonly node: FieldNode;
  readonly parent: GraphQLCompositeType;
  readonly field: GraphQLField<unknown, unknown>;
}

/** How many elements there are in lists: in the field's own, or in those beneath that are named. */
export interface Sizes {
  readonly size: number;
  readonly fields?: readonly string[];
}

/** What the parts of an answer cost, with the variables of one request. */
export interface Weights {
  /** Of one value: of an object 1, of a leaf nothing, unless its type says otherwise; of an abstract type the most. */
  ofType(type: GraphQLNamedType): number;
  /** Of asking for a field once, whatever comes of it: what it says, and its arguments; never less than nothing. */
  ofField(selected: SelectedField): number;
  /** What @listSize says; undefined where it does not. */
  sizes(selected: SelectedField): Sizes | undefined;
}

export function createWeights(schema: GraphQLSchema, variables: Readonly<Record<string, unknown>>): Weights {
  const costs = costsOf(schema);

  function ofType(type: GraphQLNamedType): number {
    if (isAbstractType(type)) return Math.max(0, ...schema.getPossibleTypes(type).map(ofType));
    return costs.ofType(type.name) ?? (isCompositeType(type) ? 1 : 0);
  }

  /** An interface's field may be that of any type that implements it. */
  function typesWith({ parent }: SelectedField): string[] {
    const others = isInterfaceType(parent) ? schema.getPossibleTypes(parent) : [];
    return [parent.name, ...others.map(({ name }) => name)];
  }

  return {
    ofType,
    ofField(selected) {
      const { node, field } = selected;
      const all = typesWith(selected).map((parent) => {
        const given = argumentsCost(node, field, { parent, costs, variables });
        return (costs.ofField(parent, field.name) ?? 0) + given;
      });
      return Math.max(0, ...all);
    },
    sizes(selected) {
      const { node, field } = selected;
      const type = typesWith(selected).find((each) => costs.listSize(each, field.name));
      const said = type === undefined ? undefined : costs.listSize(type, field.name);
      if (!said) return undefined;
      const size = listSizeOf(said, node, { coordinate: `${type}.${field.name}`, field, variables });
      if (size === undefined) return undefined;
      return said.sizedFields.length > 0 ? { size, fields: said.sizedFields } : { size };
    },
  };
}
