import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { repositoryRoot } from '@lyceum/service';
import {
  getNamedType,
  getNullableType,
  isCompositeType,
  isEnumType,
  isInputObjectType,
  isListType,
  isNonNullType,
  isObjectType,
  Kind,
  parse,
  type GraphQLArgument,
  type GraphQLField,
  type GraphQLInputField,
  type GraphQLInputType,
  type GraphQLOutputType,
  type GraphQLSchema,
} from 'graphql';
// By path, as a file that only tests read: what composes the graph is no part of what runs.
import { apiSchema } from '../../../schema/src/index.ts';

/** An operation that the graph offers. */
export interface Operation {
  /** `Mutation.coursePublish` */
  readonly name: string;
  readonly kind: 'query' | 'mutation' | 'subscription';
  readonly field: GraphQLField<unknown, unknown>;
  /** The subgraph that answers it, such as `catalog`. */
  readonly owner: string;
}

export interface Graph {
  readonly schema: GraphQLSchema;
  readonly operations: readonly Operation[];
}

/** The graph as schema/supergraph.graphql has it. */
export function readGraph(): Graph {
  const sdl = readFileSync(join(repositoryRoot(), 'schema/supergraph.graphql'), 'utf8');
  const schema = apiSchema(sdl);
  const owners = ownersOf(sdl);
  const operations = (['query', 'mutation', 'subscription'] as const).flatMap((kind) => {
    const root = {
      query: schema.getQueryType(),
      mutation: schema.getMutationType(),
      subscription: schema.getSubscriptionType(),
    }[kind];
    return Object.values(root?.getFields() ?? {}).map((field) => {
      const name = `${root?.name ?? ''}.${field.name}`;
      const owner = owners.get(name);
      if (owner === undefined) throw new Error(`The supergraph does not say which subgraph answers ${name}.`);
      return { name, kind, field, owner };
    });
  });
  return { schema, operations };
}

/** Of each field that one subgraph alone has, its name: `@join__field(graph: CATALOG)`. */
function ownersOf(sdl: string): Map<string, string> {
  const owners = new Map<string, string>();
  for (const node of parse(sdl).definitions) {
    if (node.kind !== Kind.OBJECT_TYPE_DEFINITION) continue;
    for (const field of node.fields ?? []) {
      const joined = field.directives?.find(({ name }) => name.value === 'join__field');
      const graph = joined?.arguments?.find(({ name }) => name.value === 'graph')?.value;
      if (graph?.kind === Kind.ENUM)
        owners.set(`${node.name.value}.${field.name.value}`, graph.value.toLowerCase());
    }
  }
  return owners;
}

/** Values for places of an operation's arguments, by their path: `{ 'input.courseId': 'course_…' }`. */
export type Given = Readonly<Record<string, unknown>>;

export interface Call {
  readonly query: string;
  readonly variables: Record<string, unknown>;
}

/**
 * A call of the operation with everything that it must be given, and what is `given`: of the rest, the least that the
 * schema takes. Asks for as little as makes the subgraph do the whole operation.
 */
export function callOf({ kind, field }: Operation, given: Given = {}): Call {
  const filled = field.args.filter((arg) => isNeeded(arg, arg.name, given));
  const declared = filled.map(({ name, type }) => `$${name}: ${String(type)}`).join(', ');
  const passed = filled.map(({ name }) => `${name}: $${name}`).join(', ');
  const args = (text: string) => (text === '' ? '' : `(${text})`);
  return {
    query: `${kind} ${args(declared)} { ${field.name}${args(passed)} ${selectionOf(field.type)} }`,
    variables: Object.fromEntries(filled.map(({ name, type }) => [name, valueOf(type, name, given)])),
  };
}

function isNeeded(input: GraphQLArgument | GraphQLInputField, path: string, given: Given): boolean {
  if (Object.keys(given).some((key) => key === path || key.startsWith(`${path}.`))) return true;
  return isNonNullType(input.type) && input.defaultValue === undefined;
}

function valueOf(type: GraphQLInputType, path: string, given: Given): unknown {
  const nullable = getNullableType(type);
  if (isListType(nullable)) {
    const each = path in given ? given[path] : valueOf(nullable.ofType, path, given);
    return Array.isArray(each) ? each : [each];
  }
  if (path in given) return given[path];
  if (isEnumType(nullable)) return nullable.getValues()[0]?.name;
  if (!isInputObjectType(nullable)) return plain[getNamedType(type).name];
  const fields = Object.values(nullable.getFields());
  const filled = fields.filter((field) => isNeeded(field, `${path}.${field.name}`, given));
  // Where one of several is to be given, the first is.
  const chosen = nullable.isOneOf && filled.length === 0 ? fields.slice(0, 1) : filled;
  return Object.fromEntries(
    chosen.map((field) => [field.name, valueOf(field.type, `${path}.${field.name}`, given)]),
  );
}

/** A value of each scalar: ids that nothing has, texts that are nobody's. */
const plain: Readonly<Record<string, unknown>> = {
  ID: 'course_01h455vb4pex5vsknk084sn02q',
  String: 'nothing at all',
  Int: 1,
  Float: 1,
  Boolean: true,
  DateTime: '2026-11-21T09:30:00.000Z',
  Duration: 'PT1H',
  URL: 'https://example.org/',
  Locale: 'en',
  JSON: {},
};

/** Nodes and userErrors, which a resolver makes when they are asked for; of anything else its type. */
function selectionOf(type: GraphQLOutputType): string {
  const named = getNamedType(type);
  if (!isCompositeType(named)) return '';
  const fields = isObjectType(named) ? named.getFields() : {};
  const nodes = 'nodes' in fields ? ' nodes { __typename }' : '';
  const errors = 'userErrors' in fields ? ' userErrors { code message field }' : '';
  return `{ __typename${nodes}${errors} }`;
}
