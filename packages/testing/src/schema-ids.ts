import {
  buildClientSchema,
  getIntrospectionQuery,
  getNamedType,
  isInputObjectType,
  isObjectType,
  isUnionType,
  type GraphQLArgument,
  type GraphQLInputField,
  type GraphQLObjectType,
  type GraphQLSchema,
  type IntrospectionQuery,
} from 'graphql';
import type { GraphQLClient } from './graphql-client.ts';

// Where ids go into a subgraph: a test of tenancy holds its own list against these, so that no operation is forgotten.

/** The schema as a client can see it. */
export async function readSchema(ask: GraphQLClient): Promise<GraphQLSchema> {
  const { data } = await ask<IntrospectionQuery>(getIntrospectionQuery());
  return buildClientSchema(data);
}

/**
 * Every place where an id goes in: the ID arguments of all fields, queries, mutations and subscriptions first of all,
 * those within inputs too (`Mutation.enrolmentCreate(input.courseId)`), and the entities that a reference may name.
 */
export function placesOfIds(schema: GraphQLSchema): string[] {
  const types = Object.values(schema.getTypeMap()).filter(isObjectType);
  const places = types.flatMap((type) =>
    idsOfFields(type).flatMap(([field, paths]) => paths.map((path) => `${field}(${path})`)),
  );
  return [...places, ...entityTypes(schema)];
}

/** Where ids are given to each root field that takes any: `Mutation.moduleUpdate` has `['input.id']`. */
export function idArguments(schema: GraphQLSchema): Map<string, string[]> {
  const roots = [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()];
  const fields = roots.flatMap((type) => (type ? idsOfFields(type) : []));
  return new Map(fields.filter(([field, paths]) => paths.length > 0 && !field.startsWith('Query._')));
}

/** The types that other subgraphs find here by their key. One of which nothing but its id is told is somebody else's. */
export function entityTypes(schema: GraphQLSchema): string[] {
  const entity = schema.getType('_Entity');
  const types = isUnionType(entity) ? entity.getTypes() : [];
  const told = types.filter((type) => Object.keys(type.getFields()).some((field) => field !== 'id'));
  return told.map(({ name }) => name);
}

function idsOfFields(type: GraphQLObjectType): [field: string, paths: string[]][] {
  return Object.values(type.getFields()).map(({ name, args }) => [
    `${type.name}.${name}`,
    idsIn(args).map((path) => path.join('.')),
  ]);
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
