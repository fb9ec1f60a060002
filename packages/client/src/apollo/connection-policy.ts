import type { FieldPolicy, Reference } from '@apollo/client';

interface Page {
  readonly nodes?: readonly (Reference | object)[];
  readonly edges?: readonly { readonly node?: Reference | object }[];
  readonly pageInfo?: Readonly<Record<string, unknown>>;
}

/**
 * Joins the pages of a connection, `nodes` as well as `edges`: a page `after` another goes behind it, one `before` it in
 * front; without either it begins anew. (Apollo's `relayStylePagination` knows `edges` alone.)
 *
 * @param keyArgs the arguments that choose another list
 */
export function connectionPolicy(keyArgs: readonly string[]): FieldPolicy<Page> {
  return {
    keyArgs: keyArgs.length > 0 ? [...keyArgs] : false,
    merge(existing, incoming, { args }) {
      if (existing === undefined) return incoming;
      if (args?.['after'] != null) return joined(existing, incoming, 'end');
      if (args?.['before'] != null) return joined(incoming, existing, 'start');
      return incoming;
    },
  };
}

/** @param grew which end of the list the page that came is at */
function joined(front: Page, back: Page, grew: 'end' | 'start'): Page {
  const [known, came] = grew === 'end' ? [front, back] : [back, front];
  return {
    ...known,
    ...came,
    ...(front.nodes && back.nodes
      ? { nodes: distinct([...front.nodes, ...back.nodes], (node) => node) }
      : {}),
    ...(front.edges && back.edges
      ? { edges: distinct([...front.edges, ...back.edges], ({ node }) => node) }
      : {}),
    ...(front.pageInfo && back.pageInfo ? { pageInfo: infoOf(front.pageInfo, back.pageInfo) } : {}),
  };
}

function infoOf(front: Readonly<Record<string, unknown>>, back: Readonly<Record<string, unknown>>) {
  const pick = (from: Readonly<Record<string, unknown>>, names: readonly string[]) =>
    Object.fromEntries(names.flatMap((name) => (name in from ? [[name, from[name]]] : [])));
  return {
    ...front,
    ...back,
    ...pick(front, ['startCursor', 'hasPreviousPage']),
    ...pick(back, ['endCursor', 'hasNextPage']),
  };
}

/** A page that was fetched twice, or whose rows moved while it was, is there once. */
function distinct<T>(each: readonly T[], nodeOf: (item: T) => Reference | object | undefined): T[] {
  const seen = new Set<string>();
  return each.filter((item) => {
    const node = nodeOf(item);
    const reference = node && '__ref' in node ? node.__ref : undefined;
    if (reference === undefined) return true;
    if (seen.has(reference)) return false;
    seen.add(reference);
    return true;
  });
}
