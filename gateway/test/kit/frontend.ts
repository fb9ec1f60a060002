import {
  createLyceumClient,
  memoryStorage,
  type Gap,
  type LyceumClient,
  type LyceumClientOptions,
} from '@lyceum/client';
import type { TypedDocumentNode } from '@graphql-typed-document-node/core';
import { parse } from 'graphql';
import { WebSocket } from 'ws';

/** A frontend that looks at a gateway, as a tab of a browser does. */
export function createFrontend(url: string, options: Partial<LyceumClientOptions> = {}): LyceumClient {
  return createLyceumClient({
    url,
    webSocket: WebSocket,
    storage: memoryStorage(),
    firstPauseMs: 20,
    longestPauseMs: 200,
    ...options,
  });
}

/** An operation of the graph under test, which no code was generated for. */
export function operation<Data>(text: string): TypedDocumentNode<Data, Record<string, unknown>> {
  return parse(text);
}

export interface Seen<Data> {
  readonly events: Data[];
  readonly faults: unknown[];
  readonly gaps: Gap[];
  readonly end: Promise<Error | 'complete'>;
  leave(): void;
}

/** Takes all that comes of a subscription. */
export function look<Data>(
  client: LyceumClient,
  document: TypedDocumentNode<Data, Record<string, unknown>>,
  variables: Record<string, unknown> = {},
): Seen<Data> {
  const events: Data[] = [];
  const faults: unknown[] = [];
  const gaps: Gap[] = [];
  let leave: () => void = () => undefined;
  const end = new Promise<Error | 'complete'>((resolve) => {
    leave = client.subscribe(document, variables, {
      next: ({ data, errors }) => {
        if (data != null) events.push(data);
        if (errors) faults.push(errors);
      },
      gap: (gap) => gaps.push(gap),
      error: resolve,
      complete: () => {
        resolve('complete');
      },
    });
  });
  return { events, faults, gaps, end, leave };
}
