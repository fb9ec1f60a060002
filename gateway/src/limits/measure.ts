import {
  getNamedType,
  getNullableType,
  isCompositeType,
  isInterfaceType,
  isListType,
  isObjectType,
  Kind,
  valueFromASTUntyped,
  type DocumentNode,
  type FieldNode,
  type GraphQLCompositeType,
  type GraphQLField,
  type GraphQLSchema,
  type OperationDefinitionNode,
  type SelectionSetNode,
} from 'graphql';
import { createWeights, type SelectedField, type Sizes, type Weights } from '../cost/weights.ts';
import { fragmentsOf } from './fragments.ts';

/** How deep an operation goes, and how many objects it may ask for at most. */
export interface Measure {
  readonly depth: number;
  readonly cost: number;
}

export interface MeasuredOperation {
  readonly schema: GraphQLSchema;
  readonly document: DocumentNode;
  readonly operation: OperationDefinitionNode;
  readonly variables: Readonly<Record<string, unknown>>;
}

/** How many elements a list is taken to have that cannot be paged. */
const assumedListSize = 10;
/** How many elements a page has where neither `first` nor `last` says it (as the subgraphs have it). */
const assumedPageSize = 20;
/** What counting a connection's elements is taken to cost: it reads all of them, whatever page is asked for. */
const countCost = assumedPageSize;
const nothing: Measure = { depth: 0, cost: 0 };

/**
 * Measures a validated operation without executing it. An object costs 1, a leaf nothing; a list costs its elements,
 * as many as `first` or `last` ask for, there or on the connection around it; the `totalCount` of a connection costs like
 * a page. Where the supergraph says otherwise by @cost and @listSize, that counts (cost/weights.ts). Introspection
 * is not counted: graphql-js limits its depth. Fields under @skip and @include count as if included.
 *
 * @throws GraphQLError LIST_SIZE_REQUIRED, see cost/list-size.ts
 */
export function measureOperation(measured: MeasuredOperation): Measure {
  const { schema, document, operation } = measured;
  const variables = { ...defaultsOf(operation), ...measured.variables };
  const weights = createWeights(schema, variables);
  const fragments = fragmentsOf(document);
  // Fragments are measured once for each list size, so that nested ones cost time in proportion to the document.
  const known = new Map<string, Measure>();

  function ofSelections(set: SelectionSetNode, parent: GraphQLCompositeType, around?: Sizes): Measure {
    let total = nothing;
    for (const selection of set.selections) {
      const part =
        selection.kind === Kind.FIELD
          ? ofField(selection, parent, around)
          : selection.kind === Kind.INLINE_FRAGMENT
            ? ofSelections(
                selection.selectionSet,
                typeNamed(selection.typeCondition?.name.value) ?? parent,
                around,
              )
            : ofFragment(selection.name.value, around);
      total = { depth: Math.max(total.depth, part.depth), cost: total.cost + part.cost };
    }
    return total;
  }

  function ofFragment(name: string, around?: Sizes): Measure {
    const key = `${name} ${around?.size ?? ''} ${around?.fields?.join() ?? ''}`;
    const measure = known.get(key);
    if (measure) return measure;
    const fragment = fragments.get(name);
    const type = fragment && typeNamed(fragment.typeCondition.name.value);
    if (!fragment || !type) return nothing;
    const measuredNow = ofSelections(fragment.selectionSet, type, around);
    known.set(key, measuredNow);
    return measuredNow;
  }

  function ofField(node: FieldNode, parent: GraphQLCompositeType, around?: Sizes): Measure {
    const field = fieldOf(parent, node.name.value);
    if (!field) return nothing;
    const selected = { node, parent, field };
    const type = getNamedType(field.type);
    const sizes = sizesOf(selected, variables, weights);
    const isList = isListType(getNullableType(field.type));
    const times = isList ? (sizeOfList(node, sizes, around) ?? assumedListSize) : 1;
    const isBeneath = !isList || sizes?.fields !== undefined;
    const children =
      node.selectionSet && isCompositeType(type)
        ? ofSelections(node.selectionSet, type, isBeneath ? sizes : undefined)
        : { depth: 0, cost: isCounting(node, around) ? countCost : 0 };
    const each = Math.max(0, weights.ofType(type) + children.cost);
    return { depth: children.depth + 1, cost: weights.ofField(selected) + times * each };
  }

  function typeNamed(name: string | undefined): GraphQLCompositeType | undefined {
    const type = name === undefined ? undefined : schema.getType(name);
    return isCompositeType(type) ? type : undefined;
  }

  const root = schema.getRootType(operation.operation);
  return root ? ofSelections(operation.selectionSet, root) : nothing;
}

/** Its own, or that which the field around it has for it. */
function sizeOfList(node: FieldNode, own: Sizes | undefined, around: Sizes | undefined): number | undefined {
  if (own && !own.fields) return own.size;
  const isMeant = around?.fields === undefined || around.fields.includes(node.name.value);
  return isMeant ? around?.size : undefined;
}

/** What the supergraph says; otherwise the page that is asked for. */
function sizesOf(
  selected: SelectedField,
  variables: Readonly<Record<string, unknown>>,
  weights: Weights,
): Sizes | undefined {
  const said = weights.sizes(selected);
  if (said) return said;
  const size = sizeAsked(selected.node, selected.field, variables);
  return size === undefined ? undefined : { size };
}

/** Of a connection. */
function isCounting({ name }: FieldNode, around: Sizes | undefined): boolean {
  return around !== undefined && name.value === 'totalCount';
}

function defaultsOf({ variableDefinitions = [] }: OperationDefinitionNode): Record<string, unknown> {
  return Object.fromEntries(
    variableDefinitions.flatMap(({ variable, defaultValue }) =>
      defaultValue ? [[variable.name.value, valueFromASTUntyped(defaultValue)]] : [],
    ),
  );
}

function fieldOf(parent: GraphQLCompositeType, name: string): GraphQLField<unknown, unknown> | undefined {
  return isObjectType(parent) || isInterfaceType(parent) ? parent.getFields()[name] : undefined;
}

/** The page that `first` or `last` ask for: a literal, a variable's value, or a default; undefined if neither exists. */
function sizeAsked(
  node: FieldNode,
  field: GraphQLField<unknown, unknown>,
  variables: Readonly<Record<string, unknown>>,
): number | undefined {
  const paging = field.args.filter(({ name }) => name === 'first' || name === 'last');
  if (paging.length === 0) return undefined;
  const sizes = paging.map(({ name, defaultValue }) => {
    const given = node.arguments?.find((argument) => argument.name.value === name)?.value;
    const value = given && valueFromASTUntyped(given, variables);
    return Number(value ?? defaultValue ?? NaN);
  });
  const asked = sizes.filter((size) => size >= 0);
  return asked.length === 0 ? assumedPageSize : Math.max(...asked);
}
