import {
  isTypeDefinitionNode,
  isTypeExtensionNode,
  Kind,
  type ConstDirectiveNode,
  type ConstValueNode,
  type DocumentNode,
  type GraphQLSchema,
  type InputValueDefinitionNode,
} from 'graphql';
import { argument, linkedSpecs, textOf } from '../sdl/linked-specs.ts';

/**
 * What a supergraph says of costs, by @cost and @listSize (https://ibm.github.io/graphql-specs/cost-spec.html, linked from
 * Federation 2.9 on as https://specs.apollo.dev/cost/v0.1). Undefined: it says nothing of that.
 */
export interface SchemaCosts {
  ofType(type: string): number | undefined;
  ofField(type: string, field: string): number | undefined;
  ofArgument(type: string, field: string, argument: string): number | undefined;
  ofInputField(type: string, field: string): number | undefined;
  listSize(type: string, field: string): ListSize | undefined;
}

/** How long a list may be. */
export interface ListSize {
  readonly assumedSize: number | undefined;
  /** Arguments that say it; a path where one is within an input object (`page.first`). */
  readonly slicingArguments: readonly string[];
  /** The fields beneath whose size it is, where it is not the field's own. */
  readonly sizedFields: readonly string[];
  readonly requireOneSlicingArgument: boolean;
}

const extension = 'lyceum.costs';
const silent: SchemaCosts = {
  ofType: () => undefined,
  ofField: () => undefined,
  ofArgument: () => undefined,
  ofInputField: () => undefined,
  listSize: () => undefined,
};

/** Keeps what the supergraph says with the schema that clients see, which does not have the directives. */
export function rememberCosts(schema: GraphQLSchema, supergraph: DocumentNode): void {
  const costs = costsIn(supergraph);
  if (costs) schema.extensions = { ...schema.extensions, [extension]: costs };
}

export function costsOf(schema: GraphQLSchema): SchemaCosts {
  return (schema.extensions[extension] as SchemaCosts | undefined) ?? silent;
}

/** Whether all objects cost the same, and nothing else anything. */
export function saysNothing(costs: SchemaCosts): boolean {
  return costs === silent;
}

function costsIn(supergraph: DocumentNode): SchemaCosts | undefined {
  const spec = linkedSpecs(supergraph).find(({ name }) => name === 'cost');
  if (!spec) return undefined;
  const [cost, listSize] = [spec.nameOf('cost'), spec.nameOf('listSize')];
  const weights = new Map<string, number>();
  const sizes = new Map<string, ListSize>();

  function read(coordinate: string, { directives = [] }: Bearer): void {
    for (const directive of directives) {
      if (directive.name.value === cost) weights.set(coordinate, weightOf(directive, coordinate));
      if (directive.name.value === listSize) sizes.set(coordinate, sizeOf(directive));
    }
  }

  for (const node of supergraph.definitions) {
    if (!isTypeDefinitionNode(node) && !isTypeExtensionNode(node)) continue;
    const type = node.name.value;
    read(type, node);
    for (const field of 'fields' in node ? (node.fields ?? []) : []) {
      read(`${type}.${field.name.value}`, field);
      if (field.kind !== Kind.FIELD_DEFINITION) continue;
      for (const given of field.arguments ?? []) read(argumentOf(type, field.name.value, given), given);
    }
  }
  return {
    ofType: (type) => weights.get(type),
    ofField: (type, field) => weights.get(`${type}.${field}`),
    ofArgument: (type, field, name) => weights.get(`${type}.${field}(${name}:)`),
    ofInputField: (type, field) => weights.get(`${type}.${field}`),
    listSize: (type, field) => sizes.get(`${type}.${field}`),
  };
}

interface Bearer {
  readonly directives?: readonly ConstDirectiveNode[] | undefined;
}

function argumentOf(type: string, field: string, { name }: InputValueDefinitionNode): string {
  return `${type}.${field}(${name.value}:)`;
}

/** Federation has it as an Int, the specification as a text with a number. */
function weightOf(directive: ConstDirectiveNode, coordinate: string): number {
  const value = argument(directive, 'weight');
  const weight = Number(value && 'value' in value ? value.value : NaN);
  if (Number.isFinite(weight)) return weight;
  throw new Error(`The weight of @${directive.name.value} on ${coordinate} must be a number.`);
}

function sizeOf(directive: ConstDirectiveNode): ListSize {
  const assumed = argument(directive, 'assumedSize');
  const required = argument(directive, 'requireOneSlicingArgument');
  return {
    assumedSize: assumed?.kind === Kind.INT ? Number(assumed.value) : undefined,
    slicingArguments: textsOf(argument(directive, 'slicingArguments')),
    sizedFields: textsOf(argument(directive, 'sizedFields')),
    requireOneSlicingArgument: !(required?.kind === Kind.BOOLEAN && !required.value),
  };
}

/** One text stands for a list of it, as GraphQL coerces it. */
function textsOf(value: ConstValueNode | undefined): string[] {
  const values = value?.kind === Kind.LIST ? value.values : value ? [value] : [];
  return values.flatMap((each) => textOf(each) ?? []);
}
