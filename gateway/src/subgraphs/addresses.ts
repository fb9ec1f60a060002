/** Where each subgraph is reached, by its name, where that differs from the supergraph's routing URL. */
export type SubgraphAddresses = Readonly<Record<string, string | undefined>>;

/**
 * The GraphQL URL of a subgraph: the address set for it, which gets /graphql where it has no path, else the supergraph's,
 * as it is.
 *
 * @throws Error when neither is an address.
 */
export function subgraphUrl(
  name: string,
  routingUrl: string | undefined,
  addresses: SubgraphAddresses,
): string {
  const address = addresses[name];
  const text = address ?? routingUrl ?? '';
  if (!URL.canParse(text)) throw new Error(`The subgraph "${name}" has no address: "${text}" is not a URL.`);
  const url = new URL(text);
  if (address !== undefined && url.pathname === '/') url.pathname = '/graphql';
  return url.href;
}

/** The same path with the scheme of WebSockets. */
export function subscriptionUrl(url: string): string {
  return url.replace(/^http/, 'ws');
}
