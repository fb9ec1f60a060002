/** `{ authorization: 'Bearer …' }` or `{ token: '…' }`, as graphql-ws clients send them when they connect. */
export function authorizationOf(
  connectionParams: Readonly<Record<string, unknown>> | undefined,
): string | undefined {
  const { authorization, Authorization, token } = connectionParams ?? {};
  const header = authorization ?? Authorization;
  if (typeof header === 'string') return header;
  return typeof token === 'string' && token !== '' ? `Bearer ${token}` : undefined;
}
