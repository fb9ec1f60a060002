import {
  getNamedType,
  getNullableType,
  isInputObjectType,
  isListType,
  valueFromASTUntyped,
  type FieldNode,
  type GraphQLField,
  type GraphQLInputType,
} from 'graphql';
import type { SchemaCosts } from './schema-costs.ts';

type Variables = Readonly<Record<string, unknown>>;

/** A value that was given, of its type, and what its place says that it costs. */
interface Given {
  readonly value: unknown;
  readonly type: GraphQLInputType;
  readonly weight: number;
}

/**
 * What the arguments of a field cost: what they and their input fields say, and an input object 1 each unless its place
 * says otherwise (7.1 of the specification). May be less than nothing.
 */
export function argumentsCost(
  node: FieldNode,
  field: GraphQLField<unknown, unknown>,
  options: { parent: string; costs: SchemaCosts; variables: Variables },
): number {
  const { parent, costs, variables } = options;
  const given: Given[] = [];
  for (const { name, type } of field.args) {
    const weight = costs.ofArgument(parent, field.name, name);
    const value = node.arguments?.find((each) => each.name.value === name)?.value;
    if (!value || (weight === undefined && !isInputObjectType(getNamedType(type)))) continue;
    given.push({ value: valueFromASTUntyped(value, variables), type, weight: weight ?? defaultOf(type) });
  }
  return costOf(given, costs);
}

/** Without recursion: how deep a variable goes is the client's choice. */
function costOf(given: Given[], costs: SchemaCosts): number {
  let cost = 0;
  for (let next = given.pop(); next; next = given.pop()) {
    const { value, weight } = next;
    const type = getNullableType(next.type);
    if (value === undefined || value === null) continue;
    if (isListType(type) && Array.isArray(value))
      for (const each of value as unknown[]) given.push({ value: each, type: type.ofType, weight });
    else {
      cost += weight;
      given.push(...fieldsOf(value, type, costs));
    }
  }
  return cost;
}

function fieldsOf(value: unknown, type: GraphQLInputType, costs: SchemaCosts): Given[] {
  const named = getNamedType(type);
  if (!isInputObjectType(named) || typeof value !== 'object' || value === null) return [];
  return Object.values(named.getFields()).flatMap((field) => {
    const inner = (value as Record<string, unknown>)[field.name];
    const weight = costs.ofInputField(named.name, field.name);
    if (inner === undefined || (weight === undefined && !isInputObjectType(getNamedType(field.type))))
      return [];
    return [{ value: inner, type: field.type, weight: weight ?? defaultOf(field.type) }];
  });
}

function defaultOf(type: GraphQLInputType): number {
  return isInputObjectType(getNamedType(type)) ? 1 : 0;
}
