import {
  Kind,
  type ConstArgumentNode,
  type ConstDirectiveNode,
  type ConstValueNode,
  type DocumentNode,
} from 'graphql';

/** A specification that a supergraph links (https://specs.apollo.dev/link/v1.0/), and what its directives are called there. */
export interface LinkedSpec {
  /** Such as `authenticated`. */
  readonly name: string;
  /** Such as `0.1`. */
  readonly version: string;
  readonly link: ConstDirectiveNode;
  /** Of a directive of the specification, the name in this document: imported, renamed, or with the prefix. */
  nameOf(directive: string): string;
}

/** Of https://specs.apollo.dev; linked by @link(url:), or by its forerunner @core(feature:). */
export function linkedSpecs({ definitions }: DocumentNode): LinkedSpec[] {
  return definitions
    .flatMap((node) =>
      node.kind === Kind.SCHEMA_DEFINITION || node.kind === Kind.SCHEMA_EXTENSION
        ? (node.directives ?? [])
        : [],
    )
    .flatMap((link) => specOf(link) ?? []);
}

function specOf(link: ConstDirectiveNode): LinkedSpec | undefined {
  const url = textOf(argument(link, 'url') ?? argument(link, 'feature'));
  const [, name, version] = /^https:\/\/specs\.apollo\.dev\/(\w+)\/v(\d+\.\d+)\/?$/.exec(url ?? '') ?? [];
  if (name === undefined || version === undefined) return undefined;
  const prefix = textOf(argument(link, 'as')) ?? name;
  const imported = importsOf(link);
  return {
    name,
    version,
    link,
    nameOf: (directive) =>
      imported.get(directive) ?? (directive === name ? prefix : `${prefix}__${directive}`),
  };
}

/** `import: ["@a", { name: "@b", as: "@c" }]`, without the @. */
function importsOf(link: ConstDirectiveNode): ReadonlyMap<string, string> {
  const imports = argument(link, 'import');
  const all = new Map<string, string>();
  for (const each of imports?.kind === Kind.LIST ? imports.values : []) {
    const [name, as] = each.kind === Kind.OBJECT ? renamed(each.fields) : [textOf(each), undefined];
    if (name?.startsWith('@')) all.set(name.slice(1), (as ?? name).replace(/^@/, ''));
  }
  return all;
}

function renamed(fields: readonly { name: { value: string }; value: ConstValueNode }[]) {
  const of = (key: string) => textOf(fields.find(({ name }) => name.value === key)?.value);
  return [of('name'), of('as')] as const;
}

/** The value of a directive's argument. */
export function argument(
  { arguments: given = [] }: { readonly arguments?: readonly ConstArgumentNode[] | undefined },
  name: string,
): ConstValueNode | undefined {
  return given.find((each) => each.name.value === name)?.value;
}

export function textOf(value: ConstValueNode | undefined): string | undefined {
  return value?.kind === Kind.STRING ? value.value : undefined;
}
