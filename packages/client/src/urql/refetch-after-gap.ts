import type { Exchange, Operation } from '@urql/core';
import { pipe, tap } from 'wonka';
import type { LyceumClient } from '../client.ts';

/** The first of a chain: after a gap of a subscription, the queries that are on the page are asked of the graph anew. */
export function refetchAfterGapExchange(client: LyceumClient): Exchange {
  return ({ client: urql, forward }) => {
    const active = new Map<number, Operation>();
    client.onGap(() => {
      for (const operation of [...active.values()])
        urql.reexecuteOperation(
          urql.createRequestOperation('query', operation, {
            ...operation.context,
            requestPolicy: 'network-only',
          }),
        );
    });
    return (operations) =>
      pipe(
        operations,
        tap((operation) => {
          if (operation.kind === 'query') active.set(operation.key, operation);
          if (operation.kind === 'teardown') active.delete(operation.key);
        }),
        forward,
      );
  };
}
