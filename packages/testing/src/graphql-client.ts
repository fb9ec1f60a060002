/** An answer of a GraphQL server; `data` is what the test says it is. */
export interface GraphQLAnswer<Data> {
  readonly status: number;
  readonly data: Data;
  readonly errors:
    | readonly {
        readonly message: string;
        readonly path?: readonly (string | number)[];
        readonly extensions: Record<string, unknown>;
      }[]
    | undefined;
}

export type GraphQLClient = <Data = Record<string, never>>(
  query: string,
  variables?: Record<string, unknown>,
) => Promise<GraphQLAnswer<Data>>;

/** Asks a server over HTTP, as the bearer of `token` where there is one. `url` is the server's, without /graphql. */
export function graphqlClient(url: string, token?: string): GraphQLClient {
  const authorization = token === undefined ? {} : { authorization: `Bearer ${token}` };
  const headers = { 'content-type': 'application/json', ...authorization };
  const ask = async (query: string, variables: Record<string, unknown> = {}) => {
    const body = JSON.stringify({ query, variables });
    const response = await fetch(`${url}/graphql`, { method: 'POST', headers, body });
    const { data, errors } = (await response.json()) as Omit<GraphQLAnswer<unknown>, 'status'>;
    return { status: response.status, data, errors };
  };
  // The caller says what it selected; nothing here can check that.
  return ask as GraphQLClient;
}
