import { CatalogueDocument, type LyceumClient } from '@lyceum/client';
import { lyceumExchanges } from '@lyceum/client/urql';
import { Client } from '@urql/core';

/** The same with urql: each page is asked for by itself, and Graphcache answers all that it has of the list. */
export function watchCatalogue(
  client: LyceumClient,
  show: (titles: readonly string[]) => void,
  pageSize = 1,
) {
  const urql = new Client({
    url: 'of the client',
    preferGetMethod: false,
    exchanges: lyceumExchanges(client),
  });
  let after: string | null | undefined;
  let hasMore = false;
  const page = async () => {
    const { data, error } = await urql.query(CatalogueDocument, { first: pageSize, after: after ?? null });
    if (!data) throw error ?? new Error('There is no catalogue.');
    ({ endCursor: after, hasNextPage: hasMore } = data.courses.pageInfo);
    show(data.courses.nodes.map(({ title }) => title));
    return hasMore;
  };
  return { first: page, more: async () => hasMore && page() };
}
