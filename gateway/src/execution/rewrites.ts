import type { FetchDataRewrite, FetchNode } from '@apollo/query-planner';
import type { GraphQLSchema } from 'graphql';
import type { SubgraphResponse } from '../subgraphs/subgraph.ts';
import { isObject, ownValue, setOwn, type JsonObject } from './objects.ts';
import { isOfType } from './type-conditions.ts';

/** What the plan changes in a representation, or undefined where it changes nothing. */
export function inputRewrite({ inputRewrites = [] }: FetchNode, schema: GraphQLSchema) {
  if (inputRewrites.length === 0) return undefined;
  return (representation: JsonObject) => {
    for (const rewrite of inputRewrites) apply(rewrite, 0, representation, schema);
  };
}

/** What the plan changes in an answer, or undefined where it changes nothing. */
export function outputRewrite({ outputRewrites = [], requires }: FetchNode, schema: GraphQLSchema) {
  if (outputRewrites.length === 0) return undefined;
  return (response: SubgraphResponse) => {
    const data = requires ? response.data?.['_entities'] : response.data;
    for (const rewrite of outputRewrites) apply(rewrite, 0, data, schema);
  };
}

const typeCondition = '... on ';

function apply(rewrite: FetchDataRewrite, depth: number, value: unknown, schema: GraphQLSchema): void {
  if (Array.isArray(value)) {
    for (const element of value) apply(rewrite, depth, element, schema);
    return;
  }
  const step = rewrite.path[depth];
  if (!isObject(value) || step === undefined) return;
  if (depth === rewrite.path.length - 1) change(value, step, rewrite);
  else if (!step.startsWith(typeCondition)) apply(rewrite, depth + 1, ownValue(value, step), schema);
  // An object that does not say its type may be of it.
  else if (isOfType(schema, value['__typename'], step.slice(typeCondition.length)) ?? true)
    apply(rewrite, depth + 1, value, schema);
}

function change(object: JsonObject, name: string, rewrite: FetchDataRewrite): void {
  if (rewrite.kind === 'ValueSetter') setOwn(object, name, rewrite.setValueTo);
  else if (Object.hasOwn(object, name)) {
    setOwn(object, rewrite.renameKeyTo, object[name]);
    // eslint-disable-next-line @typescript-eslint/no-dynamic-delete
    delete object[name];
  }
}
