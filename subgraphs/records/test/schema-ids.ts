import type { GraphQLClient } from '@lyceum/testing';
import {
  buildClientSchema,
  getIntrospectionQuery,
  getNamedType,
  isInputObjectType,
  isObjectType,
  isUnionType,
  type GraphQLArgument,
  type GraphQLInputField,
  type GraphQLSchema,
  type IntrospectionQuery,
} from 'graphql';

/** The schema as a client can see it. */
export async function readSchema(ask: GraphQLClient): Promise<GraphQLSchema> {
  const { data } = await ask<IntrospectionQuery>(getIntrospectionQuery());
  return buildClientSchema(data);
}

/**
 * Every place where an id goes in: the ID arguments of all fields, queries, mutations and subscriptions first of all,
 * those within inputs too (`Query.statements(filter.actor)`), and the entities that a reference may name. An
 * entity of which this subgraph says nothing but its id is somebody else's.
 */
export function placesOfIds(schema: GraphQLSchema): string[] {
  const types = Object.values(schema.getTypeMap()).filter(isObjectType);
  const places = types.flatMap((type) =>
    Object.values(type.getFields()).flatMap((field) =>
      idsIn(field.args).map((path) => `${type.name}.${field.name}(${path.join('.')})`),
    ),
  );
  const entity = schema.getType('_Entity');
  const entities = isUnionType(entity) ? entity.getTypes() : [];
  const told = entities.filter((type) => Object.keys(type.getFields()).some((field) => field !== 'id'));
  return [...places, ...told.map(({ name }) => name)];
}

/** The paths of the ids in arguments or in the fields of an input, each input entered once on its own path. */
function idsIn(
  inputs: readonly (GraphQLArgument | GraphQLInputField)[],
  within: readonly string[] = [],
): string[][] {
  return inputs.flatMap(({ name, type }) => {
    const target = getNamedType(type);
    if (target.name === 'ID') return [[name]];
    if (!isInputObjectType(target) || within.includes(target.name)) return [];
    const inner = idsIn(Object.values(target.getFields()), [...within, target.name]);
    return inner.map((path) => [name, ...path]);
  });
}
