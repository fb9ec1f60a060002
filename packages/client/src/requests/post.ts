import type { DocumentNode } from 'graphql';
import { operationOf } from '../operation.ts';
import { Unreachable, type GraphQLFault } from '../errors.ts';
import type { Fetch } from '../platform.ts';

/** What the graph answered. */
export interface Answer<Data> {
  readonly data?: Data | null;
  readonly errors?: readonly GraphQLFault[];
  readonly extensions?: Readonly<Record<string, unknown>>;
}

export interface Posted<Data> extends Answer<Data> {
  readonly status: number;
}

/** Sends an operation by POST. @throws Unreachable; what `signal` aborts with */
export type Post = <Data>(
  request: {
    readonly document: DocumentNode;
    readonly variables: object;
    readonly token: string | undefined;
  },
  signal?: AbortSignal,
) => Promise<Posted<Data>>;

/** @param options.timeoutMs from asking to the last byte of the answer */
export function createPost(options: { url: string; fetch: Fetch; timeoutMs: number }): Post {
  const { url, fetch, timeoutMs } = options;
  return async <Data>(
    { document, variables, token }: Parameters<Post>[0],
    signal?: AbortSignal,
  ): Promise<Posted<Data>> => {
    const timeout = AbortSignal.timeout(timeoutMs);
    try {
      const response = await fetch(url, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          accept: 'application/graphql-response+json, application/json',
          ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        },
        body: JSON.stringify({ ...operationOf(document), variables }),
        signal: signal ? AbortSignal.any([signal, timeout]) : timeout,
      });
      return { ...answerIn<Data>(await response.json(), response.status), status: response.status };
    } catch (cause) {
      signal?.throwIfAborted();
      if (cause instanceof Unreachable) throw cause;
      throw new Unreachable('The graph cannot be reached.', { cause });
    }
  };
}

function answerIn<Data>(body: unknown, status: number): Answer<Data> {
  const isAnswer = typeof body === 'object' && body !== null && ('data' in body || 'errors' in body);
  if (isAnswer) return body as Answer<Data>;
  throw new Unreachable(`What answers there is no graph (status ${status}).`);
}
