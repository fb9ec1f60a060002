import { Kind, visit, type ConstDirectiveNode, type ConstValueNode, type DocumentNode } from 'graphql';
import { argument, linkedSpecs, textOf, type LinkedSpec } from '../sdl/linked-specs.ts';
import { conjunction, type Alternatives, type Clause, type Requirement } from './requirement.ts';

/** What a supergraph asks for by @authenticated, @requiresScopes and @policy. */
export interface DeclaredRights {
  /** Those that it links, by the names that the specifications have for them: `@policy`. */
  readonly directives: readonly string[];
  /** Of a type or a field of the supergraph that was read. */
  of(definition: { readonly directives?: readonly ConstDirectiveNode[] | undefined }): Requirement;
  /** Without them, since the planner refuses them. */
  readonly stripped: DocumentNode;
}

const supportedVersion = '0.1';
/** https://specs.apollo.dev/authenticated/v0.1, requiresScopes/v0.1 and policy/v0.1, in whatever version and writing. */
const ofRights = /^https?:\/\/specs\.apollo\.dev\/(authenticated|requiresScopes|policy)(\/|$)/i;
const readers: Readonly<Record<string, (directive: ConstDirectiveNode) => Clause>> = {
  authenticated: () => ({ kind: 'authenticated' }),
  requiresScopes: (directive) => ({ kind: 'scopes', anyOf: alternativesOf(directive, 'scopes') }),
  policy: (directive) => ({ kind: 'policies', anyOf: alternativesOf(directive, 'policies') }),
};

/**
 * Reads them under whatever names they were imported.
 *
 * @throws Error where it asks for rights in a way that isn't understood: it must not be served without them.
 */
export function rightsInSdl(supergraph: DocumentNode): DeclaredRights {
  const specs = linkedSpecs(supergraph).filter(({ name }) => name in readers);
  refuseUnknown(supergraph, specs);
  const byName = new Map(specs.map((spec) => [spec.nameOf(spec.name), readers[spec.name]]));
  return {
    directives: [...new Set(specs.map(({ name }) => `@${name}`))],
    of: ({ directives = [] }) =>
      conjunction(
        directives.map((directive) => {
          const read = byName.get(directive.name.value);
          return read ? [read(directive)] : [];
        }),
      ),
    stripped: specs.length === 0 ? supergraph : without(supergraph, specs, new Set(byName.keys())),
  };
}

function refuseUnknown(supergraph: DocumentNode, specs: readonly LinkedSpec[]): void {
  const understood = specs.filter(({ version }) => version === supportedVersion).map(({ link }) => link);
  for (const definition of supergraph.definitions) {
    if (definition.kind !== Kind.SCHEMA_DEFINITION && definition.kind !== Kind.SCHEMA_EXTENSION) continue;
    for (const link of definition.directives ?? []) if (!understood.includes(link)) refuseRights(link);
  }
}

function refuseRights(link: ConstDirectiveNode): void {
  visit(link, {
    StringValue({ value }) {
      const name = ofRights.exec(value)?.[1];
      if (name === undefined) return;
      const how = `is enforced here in version ${supportedVersion} alone`;
      throw new Error(`It asks for rights by @${name} (${value}), which ${how}: it is not served without.`);
    },
  });
}

/** Applied where nothing reads them, they would be passed over: then there is an error. */
function without(
  supergraph: DocumentNode,
  specs: readonly LinkedSpec[],
  names: ReadonlySet<string>,
): DocumentNode {
  const links = new Set(specs.map(({ link }) => link));
  const scalars = scalarsOf(supergraph, names);
  return visit(supergraph, {
    Directive(node, _key, _parent, _path, ancestors) {
      if (links.has(node as ConstDirectiveNode)) return null;
      if (!names.has(node.name.value)) return undefined;
      assertRead(node.name.value, ancestors.at(-1));
      return null;
    },
    DirectiveDefinition: (node) => (names.has(node.name.value) ? null : undefined),
    ScalarTypeDefinition: (node) => (scalars.has(node.name.value) ? null : undefined),
  });
}

const readOn = new Set<string>([
  Kind.FIELD_DEFINITION,
  Kind.OBJECT_TYPE_DEFINITION,
  Kind.OBJECT_TYPE_EXTENSION,
  Kind.INTERFACE_TYPE_DEFINITION,
  Kind.INTERFACE_TYPE_EXTENSION,
  Kind.SCALAR_TYPE_DEFINITION,
  Kind.SCALAR_TYPE_EXTENSION,
  Kind.ENUM_TYPE_DEFINITION,
  Kind.ENUM_TYPE_EXTENSION,
]);

function assertRead(name: string, bearer: unknown): void {
  const kind = (bearer as { kind?: string } | undefined)?.kind ?? 'what it stands on';
  if (!readOn.has(kind)) throw new Error(`@${name} is not enforced on ${kind}: it is not served without.`);
}

/** The scalars of the directives' own arguments, such as `requiresScopes__Scope`. */
function scalarsOf({ definitions }: DocumentNode, names: ReadonlySet<string>): ReadonlySet<string> {
  const used = new Set<string>();
  for (const definition of definitions) {
    if (definition.kind !== Kind.DIRECTIVE_DEFINITION || !names.has(definition.name.value)) continue;
    visit(definition, { NamedType: ({ name }) => void used.add(name.value) });
  }
  for (const builtIn of ['String', 'ID', 'Int', 'Float', 'Boolean']) used.delete(builtIn);
  return used;
}

/** @throws Error: what is not a list of lists has no one meaning (once it meant all of them, by coercion it means any). */
function alternativesOf(directive: ConstDirectiveNode, name: string): Alternatives {
  const value = argument(directive, name);
  if (value?.kind !== Kind.LIST) throw notUnderstood(directive, name);
  return value.values.map((all) => textsOf(all) ?? refuse(directive, name));
}

function textsOf(value: ConstValueNode): string[] | undefined {
  if (value.kind !== Kind.LIST) return undefined;
  const texts = value.values.map(textOf);
  return texts.every((text) => text !== undefined) ? texts : undefined;
}

function refuse(directive: ConstDirectiveNode, name: string): never {
  throw notUnderstood(directive, name);
}

function notUnderstood(directive: ConstDirectiveNode, name: string): Error {
  return new Error(
    `@${directive.name.value}(${name}:) must be a list of lists of texts: it is not served without.`,
  );
}
