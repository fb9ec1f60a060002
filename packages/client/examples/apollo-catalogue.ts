import { CatalogueDocument, type LyceumClient } from '@lyceum/client';
import { createLyceumApolloClient } from '@lyceum/client/apollo';

/** A catalogue in pages: `fetchMore` joins them in the cache, and what watches the query is told of the longer list. */
export function watchCatalogue(
  client: LyceumClient,
  show: (titles: readonly string[]) => void,
  pageSize = 1,
) {
  const apollo = createLyceumApolloClient(client);
  const catalogue = apollo.watchQuery({ query: CatalogueDocument, variables: { first: pageSize } });
  let info: { readonly endCursor?: string | null; readonly hasNextPage: boolean } | undefined;
  const watching = catalogue.subscribe(({ data, dataState }) => {
    if (dataState !== 'complete') return;
    info = data.courses.pageInfo;
    show(data.courses.nodes.map(({ title }) => title));
  });
  return {
    /** @returns whether there is still more */
    async more(): Promise<boolean> {
      if (!info?.hasNextPage) return false;
      const { data } = await catalogue.fetchMore({ variables: { after: info.endCursor ?? null } });
      info = data.courses.pageInfo;
      return info.hasNextPage;
    },
    leave() {
      watching.unsubscribe();
      apollo.stop();
    },
  };
}
