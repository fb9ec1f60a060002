import { invalid } from '@lyceum/service';
import { decodeCursor, encodeCursor, type CursorKey } from './cursor.ts';

/** The four arguments of every list that can grow. */
export interface ConnectionArguments {
  readonly first?: number | null | undefined;
  readonly after?: string | null | undefined;
  readonly last?: number | null | undefined;
  readonly before?: string | null | undefined;
}

/**
 * What a store is asked for: at most `limit` rows strictly after and strictly before the given keys, in list order, or
 * from the end of the list where `backward` (then answered in reverse).
 */
export interface Page {
  readonly limit: number;
  readonly after: CursorKey | undefined;
  readonly before: CursorKey | undefined;
  readonly backward: boolean;
}

export interface Connection<Row> {
  readonly edges: readonly { readonly node: Row; readonly cursor: string }[];
  readonly nodes: readonly Row[];
  readonly pageInfo: {
    readonly hasNextPage: boolean;
    readonly hasPreviousPage: boolean;
    readonly startCursor: string | null;
    readonly endCursor: string | null;
  };
  /** Called by the executor only where a client selects it. */
  readonly totalCount: () => Promise<number | null>;
}

/** A list as the domain answers it: its pages, the key of a row's cursor, and how many rows there are. */
export interface ConnectionSource<Row> {
  readonly rows: (page: Page) => Promise<readonly Row[]>;
  readonly key: (row: Row) => CursorKey;
  readonly count: () => Promise<number | null>;
}

const defaultPage = 20;
const largestPage = 100;

/**
 * A connection by keyset (https://relay.dev/graphql/connections.htm): a page costs the same wherever in the list it is.
 *
 * @throws DomainError INVALID that names the argument at fault.
 */
export async function connection<Row>(
  args: ConnectionArguments,
  source: ConnectionSource<Row>,
): Promise<Connection<Row>> {
  const page = pageOf(args);
  const found = await source.rows({ ...page, limit: page.limit + 1 });
  const more = found.length > page.limit;
  const rows = found.slice(0, page.limit);
  if (page.backward) rows.reverse();
  const edges = rows.map((node) => ({ node, cursor: encodeCursor(source.key(node)) }));
  return {
    edges,
    nodes: rows,
    pageInfo: {
      hasNextPage: page.backward ? page.before !== undefined : more,
      hasPreviousPage: page.backward ? more : page.after !== undefined,
      startCursor: edges[0]?.cursor ?? null,
      endCursor: edges.at(-1)?.cursor ?? null,
    },
    totalCount: source.count,
  };
}

function pageOf(args: ConnectionArguments): Page {
  if (args.first != null && args.last != null) throw invalid(['last'], 'Give first or last, not both.');
  const backward = args.last != null;
  const limit = args.last ?? args.first ?? defaultPage;
  if (!Number.isInteger(limit) || limit < 1 || limit > largestPage) {
    const argument = backward ? 'last' : 'first';
    throw invalid([argument], `${argument} must be from 1 to ${largestPage}; it was ${limit}.`);
  }
  return {
    limit,
    backward,
    after: args.after == null ? undefined : decodeCursor('after', args.after),
    before: args.before == null ? undefined : decodeCursor('before', args.before),
  };
}
