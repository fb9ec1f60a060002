import {
  getNamedType,
  isCompositeType,
  isInterfaceType,
  isObjectType,
  isUnionType,
  type GraphQLNamedType,
  type GraphQLSchema,
} from 'graphql';
import type { GraphQLClient } from '@lyceum/testing';

/**
 * Selects everything that can be reached from a type: every field of it, of every type that implements or belongs to
 * it, and so on. A type that lies on its own path is entered once more, no deeper.
 */
export function selectEverything(
  schema: GraphQLSchema,
  type: GraphQLNamedType,
  path: readonly string[] = [],
): string {
  if (!isCompositeType(type)) return '';
  const here = [...path, type.name];
  const fields = isUnionType(type)
    ? []
    : Object.values(type.getFields()).map((field) => {
        const target = getNamedType(field.type);
        if (!isCompositeType(target)) return field.name;
        if (here.filter((name) => name === target.name).length > 1) return '';
        return `${field.name} ${selectEverything(schema, target, here)}`;
      });
  const parts = isInterfaceType(type) || isUnionType(type) ? schema.getPossibleTypes(type) : [];
  const fragments = parts
    .filter(isObjectType)
    .map((part) => `... on ${part.name} ${selectEverything(schema, part, here)}`);
  return `{ __typename ${[...fields, ...fragments].join(' ')} }`;
}

/** Everything that a type's selection can hold, by the name of the type. */
export function everythingOf(schema: GraphQLSchema, name: string): string {
  const type = schema.getType(name);
  if (!type) throw new Error(`There is no type ${name}`);
  return selectEverything(schema, type);
}

/** Asks for everything that a client can reach with these ids, through every query and every entity. */
export async function walk(
  ask: GraphQLClient,
  schema: GraphQLSchema,
  ids: { assessmentId: string; questionIds: readonly string[]; attemptIds: readonly string[] },
): Promise<string[]> {
  const everything = (name: string) => everythingOf(schema, name);
  const representations = [
    { __typename: 'Assessment', id: ids.assessmentId },
    ...ids.questionIds.map((id) => ({ __typename: 'Question', id })),
    ...ids.attemptIds.map((id) => ({ __typename: 'Attempt', id })),
  ];
  const entities = ['Assessment', 'Question', 'Attempt'].map((name) => `... on ${name} ${everything(name)}`);
  const asked: [string, Record<string, unknown>][] = [
    [`query ($id: ID!) { assessment(id: $id) ${everything('Assessment')} }`, { id: ids.assessmentId }],
    [`{ assessments ${everything('AssessmentConnection')} }`, {}],
    [`{ attempts(first: 100) ${everything('AttemptConnection')} }`, {}],
    ...ids.attemptIds.map((id): [string, Record<string, unknown>] => [
      `query ($id: ID!) { attempt(id: $id) ${everything('Attempt')} }`,
      { id },
    ]),
    [
      `query ($representations: [_Any!]!) { _entities(representations: $representations) { ${entities.join(' ')} } }`,
      { representations },
    ],
  ];
  return Promise.all(asked.map(async ([query, variables]) => JSON.stringify(await ask(query, variables))));
}
