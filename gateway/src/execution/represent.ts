import type { FetchNode, QueryPlanSelectionNode } from '@apollo/query-planner';
import type { GraphQLSchema } from 'graphql';
import { deepMerge } from './merge.ts';
import { isObject, ownValue, type JsonObject } from './objects.ts';
import { quote } from './quote.ts';
import { inputRewrite } from './rewrites.ts';
import { isOfType } from './type-conditions.ts';

type Nodes = readonly QueryPlanSelectionNode[];

/** The representation of an object, as JSON; undefined where it has not all that it needs, and can't be asked for. */
export type Represent = (object: JsonObject) => string | undefined;

/** @param schema the supergraph's: keys may be inaccessible to clients */
export function representer(fetch: FetchNode, schema: GraphQLSchema): Represent {
  const requires = fetch.requires ?? [];
  const rewrite = inputRewrite(fetch, schema);
  const byType = new Map<unknown, Represent>();

  const anyhow: Represent = (object) => {
    const representation = selected(object, requires, schema);
    if (!representation?.['__typename']) return undefined;
    rewrite?.(representation);
    return JSON.stringify(representation);
  };

  const representOf = (typename: unknown): Represent => {
    const fields = rewrite ? undefined : plainFields(requires, typename, schema);
    return fields?.includes('__typename') ? plain(fields) : anyhow;
  };

  return (object) => {
    const { __typename: typename } = object;
    let represent = byType.get(typename);
    if (!represent) {
      represent = representOf(typename);
      // What a subgraph says is its type need not be one of the schema: those are not kept.
      if (typeof typename === 'string' && schema.getType(typename)) byType.set(typename, represent);
    }
    return represent(object);
  };
}

/** Nearly all keys are a few fields without objects: those are written as they are read. */
function plain(names: readonly string[]): Represent {
  const fields = names.map((name, index) => ({ name, key: `${index === 0 ? '{' : ','}"${name}":` }));
  return (object) => {
    let text = '';
    for (const { name, key } of fields) {
      const value = ownValue(object, name);
      if (value === undefined) return undefined;
      text += key + (typeof value === 'string' ? quote(value) : JSON.stringify(value));
    }
    return `${text}}`;
  };
}

/** The names of the fields, where there is one set of them for the type, and no more than names. */
function plainFields(requires: Nodes, typename: unknown, schema: GraphQLSchema): string[] | undefined {
  const own = requires.filter(
    (node) => node.kind === 'Field' || isOfType(schema, typename, node.typeCondition ?? '') === true,
  );
  const [only] = own;
  if (own.length !== 1 || only?.kind !== 'InlineFragment') return undefined;
  const names = only.selections.map((node) =>
    node.kind === 'Field' && !node.selections ? (node.alias ?? node.name) : undefined,
  );
  return names.every((name) => name !== undefined) && new Set(names).size === names.length
    ? names
    : undefined;
}

/** undefined where a field is missing: it was not fetched because of an error, which has been told. */
function selected(source: JsonObject, nodes: Nodes, schema: GraphQLSchema): JsonObject | undefined {
  const result: JsonObject = {};
  for (const node of nodes) {
    if (node.kind === 'InlineFragment') {
      if (isOfType(schema, source['__typename'], node.typeCondition ?? '') !== true) continue;
      const inner = selected(source, node.selections, schema);
      if (inner) deepMerge(result, inner);
      continue;
    }
    const name = node.alias ?? node.name;
    const value = ownValue(source, name);
    if (value === undefined) return undefined;
    result[name] = node.selections ? selectedValue(value, node.selections, schema) : value;
  }
  return result;
}

function selectedValue(value: unknown, nodes: Nodes, schema: GraphQLSchema): unknown {
  if (Array.isArray(value)) return value.map((element) => selectedValue(element, nodes, schema));
  return isObject(value) ? (selected(value, nodes, schema) ?? null) : null;
}
