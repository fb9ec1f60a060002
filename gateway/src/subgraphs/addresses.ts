/** Where each subgraph is reached, by its name, where that differs from the supergraph's routing URL. */
export type SubgraphAddresses = Readonly<Record<string, string | undefined>>;

/** The GraphQL URL of a subgraph: the address set for it, else the supergraph's; an address without a path gets /graphql. */
export function subgraphUrl(
  name: string,
  routingUrl: string | undefined,
  addresses: SubgraphAddresses,
): string {
  const url = new URL(addresses[name] ?? routingUrl ?? '');
  if (url.pathname === '/') url.pathname = '/graphql';
  return url.href;
}

/** The same path with the scheme of WebSockets. */
export function subscriptionUrl(url: string): string {
  return url.replace(/^http/, 'ws');
}
