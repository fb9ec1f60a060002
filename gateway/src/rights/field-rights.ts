import {
  isTypeDefinitionNode,
  isTypeExtensionNode,
  Kind,
  parse,
  type ConstDirectiveNode,
  type DocumentNode,
  type FieldDefinitionNode,
  type SelectionSetNode,
  type TypeDefinitionNode,
  type TypeExtensionNode,
} from 'graphql';
import { argument, linkedSpecs, textOf } from '../sdl/linked-specs.ts';
import { namedType } from '../sdl/named-type.ts';
import { conjunction, nothingRequired, type Requirement } from './requirement.ts';
import type { DeclaredRights } from './rights-in-sdl.ts';

/** What selecting a field needs, all told; nothing of a field that there is not. */
export type FieldRights = (type: string, field: string) => Requirement;

/** A type of the supergraph, its definition and extensions together. */
interface TypeRights {
  own: Requirement;
  readonly isObject: boolean;
  readonly fields: Map<string, FieldDefinitionNode>;
  readonly interfaces: Set<string>;
  /** The names of @context. */
  readonly contexts: Set<string>;
}

/**
 * A field needs what it asks for itself, what its parent's type and its own type ask for, and
 *
 * - of an interface, what any type asks for that implements it, there or in that field: it may stand for any of them.
 *   (Composition says so since 2.14, too; older ones did not.)
 * - what the fields need that its @requires or @fromContext names: through it, what they hold could be inferred.
 * - where an @interfaceObject provides it, what is asked for there.
 *
 * Keys need nothing where the planner alone fetches them: they reach no client.
 */
export function fieldRights(supergraph: DocumentNode, declared: DeclaredRights): FieldRights {
  const types = typesOf(supergraph, declared);
  const implementing = implementers(types);
  const known = new Map<string, Requirement>();
  const fieldOf = ({ type, field }: Coordinate) => types.get(type)?.fields.get(field);
  const implementersOf = (type: string) => implementing.get(type) ?? [];

  function ofType(name: string): Requirement {
    return conjunction(
      [name, ...implementersOf(name)].map((each) => types.get(each)?.own ?? nothingRequired),
    );
  }

  /** Of the field alone. */
  function ofField(coordinate: Coordinate): Requirement {
    const field = fieldOf(coordinate);
    if (!field) return nothingRequired;
    const inherited = isOfInterfaceObject(field)
      ? [...(types.get(coordinate.type)?.interfaces ?? [])].map((type) =>
          declared.of(fieldOf({ ...coordinate, type }) ?? {}),
        )
      : [];
    return conjunction([
      declared.of(field),
      ...inherited,
      ofType(coordinate.type),
      ofType(namedType(field.type)),
    ]);
  }

  /** What is fetched for the field's sake, or may be what it is. */
  function behind(coordinate: Coordinate): Coordinate[] {
    const { type, field } = coordinate;
    const joined = joins(fieldOf(coordinate)).flatMap((join) => {
      const requires = textOf(argument(join, 'requires'));
      return [...(requires === undefined ? [] : selected(type, selections(requires))), ...ofContexts(join)];
    });
    return [...joined, ...implementersOf(type).map((each) => ({ type: each, field }))];
  }

  function ofContexts(join: ConstDirectiveNode): Coordinate[] {
    const given = argument(join, 'contextArguments');
    return (given?.kind === Kind.LIST ? given.values : []).flatMap((each) => {
      if (each.kind !== Kind.OBJECT) return [];
      const of = (key: string) => textOf(each.fields.find(({ name }) => name.value === key)?.value) ?? '';
      const bearers = [...types].filter(([, { contexts }]) => contexts.has(of('context')));
      return bearers.flatMap(([type]) => selected(type, selections(of('selection'))));
    });
  }

  function selected(type: string, set: SelectionSetNode | undefined): Coordinate[] {
    return (set?.selections ?? []).flatMap((selection) => {
      if (selection.kind === Kind.FRAGMENT_SPREAD) return [];
      if (selection.kind === Kind.INLINE_FRAGMENT)
        return selected(selection.typeCondition?.name.value ?? type, selection.selectionSet);
      const coordinate = { type, field: selection.name.value };
      const field = fieldOf(coordinate);
      return [coordinate, ...(field ? selected(namedType(field.type), selection.selectionSet) : [])];
    });
  }

  /** Not by recursion: two fields may need each other, of other objects. */
  function reached(start: Coordinate): Coordinate[] {
    const all = new Map([[keyOf(start), start]]);
    for (const each of all.values()) for (const next of behind(each)) all.set(keyOf(next), next);
    return [...all.values()];
  }

  return (type, field) => {
    const key = keyOf({ type, field });
    const requirement = known.get(key) ?? conjunction(reached({ type, field }).map(ofField));
    known.set(key, requirement);
    return requirement;
  };
}

interface Coordinate {
  readonly type: string;
  readonly field: string;
}

function keyOf({ type, field }: Coordinate): string {
  return `${type}.${field}`;
}

function typesOf(supergraph: DocumentNode, declared: DeclaredRights): ReadonlyMap<string, TypeRights> {
  const contexts = linkedSpecs(supergraph).filter(({ name }) => name === 'context');
  const contextNames = new Set(contexts.map((spec) => spec.nameOf('context')));
  const types = new Map<string, TypeRights>();
  for (const node of supergraph.definitions) {
    if (!isTypeDefinitionNode(node) && !isTypeExtensionNode(node)) continue;
    const type = types.get(node.name.value) ?? emptyType(node);
    types.set(node.name.value, type);
    type.own = conjunction([type.own, declared.of(node)]);
    for (const each of node.directives ?? [])
      if (contextNames.has(each.name.value)) type.contexts.add(textOf(argument(each, 'name')) ?? '');
    if (!('interfaces' in node)) continue;
    for (const { name } of node.interfaces ?? []) type.interfaces.add(name.value);
    for (const field of node.fields ?? []) type.fields.set(field.name.value, field);
  }
  return types;
}

function emptyType({ kind }: TypeDefinitionNode | TypeExtensionNode): TypeRights {
  return {
    own: nothingRequired,
    isObject: kind === Kind.OBJECT_TYPE_DEFINITION || kind === Kind.OBJECT_TYPE_EXTENSION,
    fields: new Map(),
    interfaces: new Set(),
    contexts: new Set(),
  };
}

/** By interface, the names of the object types that implement it; those name every interface, inherited ones too. */
function implementers(types: ReadonlyMap<string, TypeRights>): ReadonlyMap<string, readonly string[]> {
  const all = new Map<string, string[]>();
  for (const [name, { isObject, interfaces }] of types) {
    if (!isObject) continue;
    for (const each of interfaces) all.set(each, [...(all.get(each) ?? []), name]);
  }
  return all;
}

function joins(field: FieldDefinitionNode | undefined): readonly ConstDirectiveNode[] {
  return (field?.directives ?? []).filter(({ name }) => name.value === 'join__field');
}

/** Composition gives it to each implementing type, resolved by no subgraph of its own. */
function isOfInterfaceObject(field: FieldDefinitionNode): boolean {
  return joins(field).some((join) => argument(join, 'graph') === undefined);
}

function selections(text: string): SelectionSetNode | undefined {
  const whole = text.trim().startsWith('{') ? text : `{${text}}`;
  const [first] = parse(whole, { noLocation: true }).definitions;
  return first?.kind === Kind.OPERATION_DEFINITION ? first.selectionSet : undefined;
}
