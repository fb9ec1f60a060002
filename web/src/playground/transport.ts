import type { Fetcher, FetcherParams, SyncExecutionResult } from '@graphiql/toolkit';
import {
  getOperationAST,
  OperationTypeNode,
  parse,
  type ExecutionResult,
  type OperationDefinitionNode,
} from 'graphql';
import { createClient } from 'graphql-ws';
import type { Session } from './session.ts';
import { socketRenewal } from './socket-renewal.ts';

/** Sends what is in the editor: queries and mutations by POST, subscriptions over graphql-ws, both with the token. */
export function createTransport(session: Session): Fetcher {
  const socket = createClient({
    url: `${location.protocol.replace('http', 'ws')}//${location.host}/graphql`,
    // Asked again at each connection: after a token ended (4403), the next one is used.
    connectionParams: async () => {
      const token = await session.token();
      return token === undefined ? {} : { authorization: `Bearer ${token}` };
    },
    on: socketRenewal(session),
    retryAttempts: Number.POSITIVE_INFINITY,
    shouldRetry: () => true,
  });
  restartForSomebodyElse(session, () => {
    socket.terminate();
  });

  async function post(params: FetcherParams, headers: Record<string, string>): Promise<SyncExecutionResult> {
    const token = await session.token();
    const response = await fetch('/graphql', {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        accept: 'application/json',
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        ...headers,
      },
      body: JSON.stringify(params),
    });
    const result: unknown = await response.json();
    session.adopt(result);
    return result as SyncExecutionResult;
  }

  return (params, options) => {
    const operation = operationOf(params);
    const named = operation?.name ? { ...params, operationName: operation.name.value } : params;
    if (operation?.operation !== OperationTypeNode.SUBSCRIPTION) {
      return post(named, options?.headers ?? {});
    }
    return socket.iterate({
      query: named.query,
      operationName: named.operationName ?? null,
      variables: named.variables as Record<string, unknown> | null,
    }) as AsyncIterable<ExecutionResult>;
  };
}

/** The editor names the operation of the tab before for a moment after another tab was chosen. */
function operationOf({ query, operationName }: FetcherParams): OperationDefinitionNode | undefined {
  try {
    const document = parse(query);
    return getOperationAST(document, operationName) ?? getOperationAST(document) ?? undefined;
  } catch {
    return undefined;
  }
}

/** A renewed token is shown on the open socket; another account needs another. */
function restartForSomebodyElse(session: Session, restart: () => void): void {
  let current = session.account();
  session.onChange(() => {
    const next = session.account();
    if (next === current) return;
    current = next;
    restart();
  });
}
