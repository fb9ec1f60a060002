/** A client of the public graph, as any frontend is one. */
export interface GraphClient {
  /**
   * Runs one operation and answers its data.
   *
   * @throws GraphError where the graph answers with errors, or a mutation with userErrors.
   */
  request<T>(operation: string, variables?: Record<string, unknown>): Promise<T>;
}

/** The graph refused: the codes of its errors or userErrors, and their words. */
export class GraphError extends Error {
  override name = 'GraphError';
  readonly codes: readonly string[];

  constructor(message: string, codes: readonly string[]) {
    super(message);
    this.codes = codes;
  }
}

const timeoutMs = 30_000;

/** Where the graph is, and what ends every request to it. */
export interface GraphAddress {
  readonly url: string;
  readonly stop?: AbortSignal | undefined;
}

/** @param accessToken absent: as a visitor */
export function createGraphClient({ url, stop }: GraphAddress, accessToken?: string): GraphClient {
  const authorization = accessToken === undefined ? {} : { authorization: `Bearer ${accessToken}` };
  return {
    async request<T>(operation: string, variables: Record<string, unknown> = {}) {
      const response = await fetch(url, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...authorization },
        body: JSON.stringify({ query: operation, variables }),
        signal: AbortSignal.any([AbortSignal.timeout(timeoutMs), ...(stop ? [stop] : [])]),
      });
      const answer = (await response.json()) as GraphAnswer<T>;
      refuseErrors(operation, answer);
      return answer.data as T;
    },
  };
}

/** Logs in, and answers a client that acts as that person. */
export async function logIn(graph: GraphAddress, email: string, password: string): Promise<GraphClient> {
  const { sessionCreate } = await createGraphClient(graph).request<{
    sessionCreate: { tokens: { accessToken: string } };
  }>(
    `mutation LogIn($input: SessionCreateInput!) {
      sessionCreate(input: $input) { tokens { accessToken } userErrors { message code } }
    }`,
    { input: { email, password } },
  );
  return createGraphClient(graph, sessionCreate.tokens.accessToken);
}

interface GraphAnswer<T> {
  data?: T | null;
  errors?: { message: string; extensions?: { code?: string } }[];
}

interface UserErrors {
  userErrors?: { message: string; code: string }[];
}

function refuseErrors(operation: string, { data, errors = [] }: GraphAnswer<unknown>): void {
  const payloads = Object.values(data ?? {}) as (UserErrors | null)[];
  const faults = [
    ...errors.map(({ message, extensions }) => ({ message, code: extensions?.code ?? 'UNKNOWN' })),
    ...payloads.flatMap((payload) => payload?.userErrors ?? []),
  ];
  if (faults.length === 0) return;
  const name = /\w+ (\w+)/.exec(operation)?.[1] ?? 'operation';
  const words = faults.map(({ code, message }) => `${code}: ${message}`).join('; ');
  throw new GraphError(
    `${name}: ${words}`,
    faults.map(({ code }) => code),
  );
}
