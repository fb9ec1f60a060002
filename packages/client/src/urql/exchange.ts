import {
  makeErrorResult,
  makeResult,
  type Exchange,
  type ExecutionResult,
  type Operation,
  type OperationResult,
} from '@urql/core';
import { filter, make, merge, mergeMap, pipe, takeUntil, type Source } from 'wonka';
import type { LyceumClient } from '../client.ts';

/** Ends a chain of exchanges: queries and mutations by HTTP, subscriptions over the socket, with the session of `client`. */
export function lyceumExchange(client: LyceumClient): Exchange {
  return ({ forward }) =>
    (operations) => {
      const ours = pipe(
        operations,
        filter(({ kind }) => kind !== 'teardown'),
        mergeMap((operation) =>
          pipe(
            operation.kind === 'subscription' ? live(client, operation) : asked(client, operation),
            takeUntil(
              pipe(
                operations,
                filter(({ kind, key }) => kind === 'teardown' && key === operation.key),
              ),
            ),
          ),
        ),
      );
      const others = pipe(
        operations,
        filter(({ kind }) => kind === 'teardown'),
        forward,
      );
      return merge([ours, others]);
    };
}

const documentOf = ({ query }: Operation) => query;
const variablesOf = ({ variables }: Operation): Record<string, unknown> => variables ?? {};

function live(client: LyceumClient, operation: Operation): Source<OperationResult> {
  return make<OperationResult>((observer) =>
    client.subscribe(documentOf(operation), variablesOf(operation), {
      next: (answer) => {
        observer.next(makeResult(operation, answer as ExecutionResult));
      },
      error: (error) => {
        observer.next(makeErrorResult(operation, error));
        observer.complete();
      },
      complete: () => {
        observer.complete();
      },
    }),
  );
}

function asked(client: LyceumClient, operation: Operation): Source<OperationResult> {
  return make<OperationResult>((observer) => {
    const leaving = new AbortController();
    client.request(documentOf(operation), variablesOf(operation), leaving.signal).then(
      (answer) => {
        observer.next(makeResult(operation, answer as ExecutionResult));
        observer.complete();
      },
      (error: unknown) => {
        if (leaving.signal.aborted) return;
        observer.next(makeErrorResult(operation, error instanceof Error ? error : new Error(String(error))));
        observer.complete();
      },
    );
    return () => {
      leaving.abort();
    };
  });
}
